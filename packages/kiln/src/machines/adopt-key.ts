import { readFile, writeFile } from 'node:fs/promises';
import { KilnError } from '../base/errors.ts';
import type { Guest } from '../guests/guest.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import type { FirstLogin } from './first-login.ts';
import type { MachineFiles } from './machine-record.ts';

/**
 * Gives a machine that does not take Kiln's seed its own login key, and takes away the shared ones that the first
 * login was tried with.
 * @param others more keys to take away, the base64 part of each
 * @throws KilnError `step-failed`
 */
export async function adoptKey(
  guest: Guest,
  files: Pick<MachineFiles, 'publicKey'>,
  first: FirstLogin,
  others: readonly string[] = [],
): Promise<void> {
  const own = (await readFile(files.publicKey, 'utf8')).trim();
  const shared = [...(await publicHalves(first.privateKeys ?? [])), ...others];
  const patterns = shared.map((one) => `-e ${shellQuote(one)}`).join(' ');
  const remove =
    shared.length === 0
      ? ''
      : `grep -vF ${patterns} -- "$f" > "$f.kiln" || true; cat "$f.kiln" > "$f"; rm -f "$f.kiln"; `;
  const script = `set -e; umask 077; mkdir -p ~/.ssh; f=~/.ssh/authorized_keys; touch "$f"; [ -z "$(tail -c 1 "$f")" ] || echo >> "$f"; ${remove}printf '%s\\n' ${shellQuote(own)} >> "$f"`;
  const said: string[] = [];
  const exit = await guest.exec({
    command: `sh -c ${shellQuote(script)}`,
    onLine: (line) => said.length < 100 && said.push(line.slice(0, 200)),
  });
  if (exit.kind !== 'exited' || exit.code !== 0) {
    throw new KilnError('step-failed', `the machine did not take its own login key: ${said.join(' ')}`);
  }
}

/** A machine that keeps the key it was made with: that one is its own from now on. */
export async function keepKey(files: Pick<MachineFiles, 'key' | 'publicKey'>, key: string): Promise<void> {
  const { utils } = (await import('ssh2')).default;
  const parsed = utils.parseKey(`${key.trimEnd()}\n`);
  if (parsed instanceof Error) throw new KilnError('file-unsafe', `the private key: ${parsed.message}`);
  await writeFile(files.key, `${key.trimEnd()}\n`, { mode: 0o600 });
  const line = `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`;
  await writeFile(files.publicKey, `${line}\n`, { mode: 0o644 });
}

/** The base64 part of keys' public halves, which is the same in every line of authorized_keys that has it. */
async function publicHalves(privateKeys: readonly string[]): Promise<readonly string[]> {
  const { utils } = (await import('ssh2')).default;
  return privateKeys.flatMap((key) => {
    const parsed = utils.parseKey(`${key.trimEnd()}\n`);
    return parsed instanceof Error ? [] : [parsed.getPublicSSH().toString('base64')];
  });
}
