import { createInterface } from 'node:readline';
import type { Evaluated, Evaluator } from './evaluator.ts';

export interface ConsoleHandlers {
  readonly say: (result: Evaluated & { readonly ok: true }) => void;
  readonly complain: (problem: string) => void;
}

/**
 * Reads lines until the end of the input or `exit`. At a terminal there is a prompt and each line is answered;
 * otherwise `answers` says which results are told. True when no line was wrong.
 */
export async function runConsole(
  evaluator: Evaluator,
  { say, complain }: ConsoleHandlers,
  answers: 'each' | 'last',
): Promise<boolean> {
  const isTerminal = process.stdin.isTTY === true;
  const lines = createInterface({
    input: process.stdin,
    ...(isTerminal && { output: process.stdout, terminal: true, prompt: '> ', historySize: 500 }),
  });
  lines.on('SIGINT', () => lines.close());
  let last: Evaluated & { readonly ok: true } = { ok: true, text: '' };
  let isRight = true;
  if (isTerminal) lines.prompt();
  for await (const line of lines) {
    if (line.trim() === 'exit') break;
    const result = answerTo(line, evaluator);
    if (!result.ok) {
      isRight = false;
      complain(result.problem);
    } else if (isTerminal || answers === 'each') say(result);
    else last = result;
    if (isTerminal) lines.prompt();
  }
  lines.close();
  if (!isTerminal && answers === 'last') say(last);
  return isRight || isTerminal;
}

function answerTo(line: string, { evaluate, variables, help }: Evaluator): Evaluated {
  switch (line.trim()) {
    case '':
      return { ok: true, text: '' };
    case 'help':
      return { ok: true, text: help };
    case 'variables':
      return { ok: true, text: variables() };
    default:
      return evaluate(line);
  }
}
