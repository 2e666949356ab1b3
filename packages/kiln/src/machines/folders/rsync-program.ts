import { KilnError } from '../../base/errors.ts';
import { run } from '../../base/processes.ts';
import type { Guest } from '../../guests/guest.ts';
import { shellQuote } from '../../guests/shell-quote.ts';
import { findProgram } from '../../hosts/qemu/programs.ts';
import type { SyncedFolder } from '../../plan/synced-folder.ts';
import { rootCommand } from '../as-root.ts';
import { type MachineRecord, machineFiles } from '../machine-record.ts';
import { sshArguments } from '../ssh-arguments.ts';
import { rsyncWords } from './copy-options.ts';

/** This host has rsync, and the ssh that it needs. */
export function hostHasRsync(): boolean {
  return findProgram('rsync') !== undefined && findProgram('ssh') !== undefined;
}

export interface RsyncRequest {
  readonly home: string;
  readonly record: MachineRecord;
  readonly folder: SyncedFolder;
  /** Absolute path in the machine. */
  readonly path: string;
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly guest: Guest;
  readonly signal: AbortSignal;
}

/**
 * Copies a folder with the rsync program, over SSH.
 * @throws KilnError `tool-failed` with rsync's own words, `cancelled`
 */
export async function rsyncFolder(request: RsyncRequest): Promise<void> {
  const { home, record, folder, path, owner, guest, signal } = request;
  const words = sshArguments(record, machineFiles(home, record.id));
  const host = words.at(-1)!;
  const shell = ['ssh', ...words.slice(0, -1)].map(shellQuote).join(' ');
  const source = folder.hostPath.endsWith('/') ? folder.hostPath : `${folder.hostPath}/`;
  const { code, stdout, stderr } = await run(
    'rsync',
    [
      ...rsyncWords(folder.rsync),
      ...['--rsync-path', folder.rsync.path ?? (record.user === 'root' ? 'rsync' : 'sudo -n rsync')],
      ...['-e', shell],
      '--',
      source,
      `${host}:${shellQuote(path)}`,
    ],
    { signal, env: { ...process.env, RSYNC_RSH: undefined } },
  );
  // 24: something went away while it was copied, which happens in a folder that is worked in.
  if (code !== 0 && code !== 24) {
    const said = (stderr.trim() || stdout.trim()).split('\n').slice(-6).join('; ');
    throw new KilnError('tool-failed', `rsync of ${folder.hostPath} ended with ${code}: ${said}`, {
      hint: 'see the rsync options of the synced folder',
    });
  }
  if (owner && folder.rsync.chown) {
    const script = 'find "$1" \\( ! -user "$2" -o ! -group "$3" \\) -exec chown -h "$2:$3" {} +';
    await guest.exec({
      command: rootCommand(script, path, String(owner.uid), String(owner.gid)),
      signal,
    });
  }
}

/** Has the machine install rsync, by whatever package manager is there. True when it has it now. */
export async function installRsync(guest: Guest, signal: AbortSignal): Promise<boolean> {
  const script = `
export DEBIAN_FRONTEND=noninteractive
if command -v apt-get >/dev/null; then apt-get install -y -q rsync || { apt-get update -q && apt-get install -y -q rsync; }
elif command -v dnf >/dev/null; then dnf install -y -q rsync
elif command -v yum >/dev/null; then yum install -y -q rsync
elif command -v zypper >/dev/null; then zypper -n -q install rsync
elif command -v apk >/dev/null; then apk add -q rsync
elif command -v pacman >/dev/null; then pacman -Sy --noconfirm -q rsync
elif command -v pkg >/dev/null; then pkg install -y rsync
fi >/dev/null 2>&1
command -v rsync >/dev/null`;
  const exit = await guest.exec({ command: rootCommand(script), signal });
  return exit.kind === 'exited' && exit.code === 0;
}
