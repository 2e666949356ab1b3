import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isSystemError } from '../../../base/errors.ts';
import { writeFileAtomically } from '../../../base/files.ts';
import { VagrantError } from '../vagrant-error.ts';

/** One machine of Vagrant's index, which `vagrant global-status` shows. */
export interface IndexEntry {
  /** The project's `.vagrant`. */
  readonly local_data_path: string;
  readonly name: string;
  readonly provider: string;
  readonly architecture?: string | null;
  readonly state: string;
  readonly vagrantfile_name: readonly string[] | null;
  /** The folder of the Vagrantfile. */
  readonly vagrantfile_path: string;
  readonly updated_at: string | null;
  readonly extra_data: Readonly<Record<string, unknown>>;
}

/** By their ids: 32 hexadecimal digits. */
export type MachineIndex = Readonly<Record<string, IndexEntry>>;

/** @throws VagrantError when the file is damaged */
export function readIndex(file: string): MachineIndex {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return {};
    throw error;
  }
  if (text.trim() === '') return {};
  try {
    const { version, machines } = JSON.parse(text) as { version?: unknown; machines?: MachineIndex | null };
    if (Number(version) === 1) return machines ?? {};
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new VagrantError(
    'CorruptMachineIndex',
    `the index of machines is damaged: ${file}`,
    'remove it: machines of Kiln write themselves down again',
  );
}

/** Changes the index under the lock that Vagrant takes too. `change` gives undefined to leave it as it is. */
export async function changeIndex(
  file: string,
  change: (machines: MachineIndex) => MachineIndex | undefined,
): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const unlock = await lockIndex(`${file}.lock`);
  try {
    const changed = change(readIndex(file));
    if (changed !== undefined) {
      await writeFileAtomically(file, JSON.stringify({ version: 1, machines: changed }), 0o644);
    }
  } finally {
    await unlock();
  }
}

/**
 * Vagrant's lock is one of flock(2), which Node does not have: util-linux's program of that name holds it until its input
 * ends. Where there is no such program, there is hardly a Vagrant either.
 */
async function lockIndex(path: string): Promise<() => Promise<void>> {
  const child = spawn('flock', [path, 'sh', '-c', 'echo; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'close').catch(() => undefined);
  child.stdin.on('error', () => {});
  const started = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]);
  return async () => {
    child.stdin.end();
    if (started) await ended;
  };
}

/** The entry whose id begins with the word; undefined for none. */
export function entryByPrefix(
  index: MachineIndex,
  prefix: string,
): (IndexEntry & { readonly id: string }) | undefined {
  if (prefix === '') return undefined;
  const found = Object.entries(index).find(([id]) => id.startsWith(prefix));
  return found && { id: found[0], ...found[1] };
}
