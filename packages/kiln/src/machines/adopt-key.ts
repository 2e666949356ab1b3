import { readFile } from 'node:fs/promises';
import { KilnError } from '../base/errors.ts';
import type { Guest } from '../guests/guest.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import type { MachineFiles } from './machine-record.ts';

/**
 * Gives a machine that does not take Kiln's seed its own login key, and takes away the shared one that the first
 * login was made with.
 * @throws KilnError `step-failed`
 */
export async function adoptKey(
  guest: Guest,
  files: MachineFiles,
  login: { readonly privateKeyFile?: string },
): Promise<void> {
  const own = (await readFile(files.publicKey, 'utf8')).trim();
  const shared = login.privateKeyFile === undefined ? undefined : await publicHalf(login.privateKeyFile);
  const remove =
    shared === undefined
      ? ''
      : `grep -vF -- ${shellQuote(shared)} "$f" > "$f.kiln" || true; cat "$f.kiln" > "$f"; rm -f "$f.kiln"; `;
  const script = `set -e; umask 077; mkdir -p ~/.ssh; f=~/.ssh/authorized_keys; touch "$f"; ${remove}printf '%s\\n' ${shellQuote(own)} >> "$f"`;
  const said: string[] = [];
  const exit = await guest.exec({
    command: `sh -c ${shellQuote(script)}`,
    onLine: (line) => said.push(line),
  });
  if (exit.kind !== 'exited' || exit.code !== 0) {
    throw new KilnError('step-failed', `the machine did not take its own login key: ${said.join(' ')}`);
  }
}

/** The base64 part of the key's public half, which is the same in every line of authorized_keys that has it. */
async function publicHalf(privateKeyFile: string): Promise<string | undefined> {
  const { utils } = (await import('ssh2')).default;
  const parsed = utils.parseKey(`${(await readFile(privateKeyFile, 'utf8')).trimEnd()}\n`);
  return parsed instanceof Error ? undefined : parsed.getPublicSSH().toString('base64');
}
