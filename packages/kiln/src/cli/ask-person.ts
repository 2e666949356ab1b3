import { createInterface } from 'node:readline/promises';
import type { Renderer } from './render/renderer.ts';

/** Asks the person at the terminal; an empty string when there is none, or when the signal is raised. */
export async function askPerson(question: string, signal: AbortSignal, renderer: Renderer): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY || signal.aborted) return '';
  const resume = renderer.pause();
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // readline takes Ctrl-C for itself; here it means what it means everywhere else.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await lines.question(`${question} `, { signal });
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return '';
    throw error;
  } finally {
    lines.close();
    resume();
  }
}
