import { createInterface } from 'node:readline';
import type { Evaluated, Evaluator } from './evaluator.ts';

export interface ConsoleHandlers {
  readonly say: (text: string) => void;
  readonly complain: (problem: string) => void;
}

/**
 * Reads lines until the end of the input or `exit`. At a terminal there is a prompt, and each line is answered;
 * otherwise `answer` gets what every line gave. True when no line was wrong.
 */
export async function runConsole(
  evaluator: Evaluator,
  { say, complain }: ConsoleHandlers,
  answer: 'each' | 'last',
): Promise<boolean> {
  const isTerminal = process.stdin.isTTY === true;
  const lines = createInterface({
    input: process.stdin,
    ...(isTerminal && { output: process.stdout, terminal: true, prompt: '> ', historySize: 500 }),
  });
  lines.on('SIGINT', () => lines.close());
  let last: string | undefined;
  let isRight = true;
  if (isTerminal) lines.prompt();
  for await (const line of lines) {
    const word = line.trim();
    if (word === 'exit') break;
    const result = answerTo(word, line, evaluator);
    if (!result.ok) {
      isRight = false;
      complain(result.problem);
    } else if (isTerminal || answer === 'each') say(result.text);
    else last = result.text;
    if (isTerminal) lines.prompt();
  }
  lines.close();
  if (!isTerminal && answer === 'last') say(last ?? '');
  return isRight || isTerminal;
}

function answerTo(word: string, line: string, { evaluate, variables, help }: Evaluator): Evaluated {
  if (word === '') return { ok: true, text: '' };
  if (word === 'help') return { ok: true, text: help };
  if (word === 'variables') return { ok: true, text: variables() };
  return evaluate(line);
}
