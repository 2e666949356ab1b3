import { KilnError } from '../../base/errors.ts';
import { run } from '../../base/processes.ts';
import { asRoot } from '../../base/user-namespace.ts';
import { withSbin } from './with-sbin.ts';

export interface Mmdebstrap {
  readonly args: readonly string[];
  /** What is installed, for people. */
  readonly what: string;
  /** What may be wrong when it does not work. */
  readonly hint: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** The story of the installing, a phrase at a time. */
  readonly onStage: (phrase: string) => void;
}

/** @throws KilnError `tool-failed`, `tool-missing`, `disk-full`, `cancelled` */
export async function runMmdebstrap(call: Mmdebstrap): Promise<void> {
  const { args, what, hint, environment, signal, onStage } = call;
  let words = '';
  // Its own mode for ordinary users has another user's rights than ours over what it makes.
  const { code } = await run(...asRoot('mmdebstrap', ['--mode=root', ...args]), {
    signal,
    // Packages would make the initrd twice, in the slowest steps of all; the hook makes it once, at the end.
    env: { ...withSbin(), INITRD: 'No', ...environment },
    onLine: (line) => {
      words += `${line}\n`;
      const phrase =
        /^I: ((?:running apt-get|downloading|extracting|installing|cleaning).*?)(?:\.\.\.)?$/.exec(line);
      if (phrase) onStage(phrase[1]!);
    },
  });
  if (code === 0) return;
  if (/No space left on device/.test(words)) {
    throw new KilnError('disk-full', `no space left while installing ${what}`, {
      hint: 'free 2 GB or point KILN_HOME at a larger disk, then try again',
    });
  }
  const lines = words.split('\n');
  const failed = lines.filter((line) => /^(?:E|W|Err)[: ]/.test(line)).slice(-6);
  throw new KilnError(
    'tool-failed',
    `mmdebstrap could not install ${what}: ${(failed.length > 0 ? failed : lines.slice(-6)).join('\n')}`,
    { hint },
  );
}
