import { createInterface } from 'node:readline/promises';
import type { PackerUi } from './ui.ts';

/**
 * Asks the person at the terminal. An empty answer when there is none, when rows are wanted, at the end of the input,
 * and when the signal is raised: Packer takes that for the polite choice.
 */
export async function askOnTerminal(question: string, signal: AbortSignal, ui: PackerUi): Promise<string> {
  if (ui.isMachineReadable || !process.stdin.isTTY || signal.aborted) return '';
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  // readline takes Ctrl-C for itself; here it means what it means everywhere else.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    return await Promise.race([lines.question(`${question} `, { signal }), ended]);
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return '';
    throw error;
  } finally {
    lines.close();
  }
}
