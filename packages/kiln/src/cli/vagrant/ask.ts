import { createInterface } from 'node:readline/promises';
import type { Session } from './session.ts';
import { VagrantError } from './vagrant-error.ts';

/** Asks the person at the terminal. @throws VagrantError `UIExpectsTTY` when there is nobody */
export async function askYesNo({ ui, context }: Session, question: string): Promise<boolean> {
  if (!ui.canAsk) {
    throw new VagrantError(
      'UIExpectsTTY',
      'there is a question to answer, and nobody at a terminal',
      'give the flag that answers it, such as --force',
    );
  }
  const lines = createInterface({ input: process.stdin, output: context.stdout.raw });
  try {
    return /^y(?:es)?$/i.test((await lines.question(question)).trim());
  } finally {
    lines.close();
  }
}
