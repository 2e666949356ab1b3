import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** What a command could leave behind on a host, as sets of descriptions. */
export interface Traces {
  readonly mounts: ReadonlySet<string>;
  readonly loops: ReadonlySet<string>;
  /** Local TCP ports that somebody listens on, with who it is. */
  readonly ports: ReadonlySet<string>;
  /** Processes that have one of the watched folders in their command line or as working directory. */
  readonly processes: ReadonlySet<string>;
  /** Files of the watched folders. */
  readonly files: ReadonlySet<string>;
}

export interface Watch {
  /** Processes that name one of these are ours. */
  readonly folders: readonly string[];
  /** Files under these are listed. */
  readonly contents: readonly string[];
}

export function look(watch: Watch): Traces {
  return {
    mounts: new Set(readFileSync('/proc/mounts', 'utf8').trim().split('\n')),
    loops: new Set(loopDevices()),
    ports: new Set(listeners(watch)),
    processes: new Set(processes(watch).map(({ pid, commandLine }) => `${pid} ${commandLine}`)),
    files: new Set(watch.contents.flatMap(listFiles)),
  };
}

/** Everything that is there after and was not before, in words. */
export function leftBehind(before: Traces, after: Traces): string[] {
  const kinds = ['mounts', 'loops', 'ports', 'processes', 'files'] as const;
  return kinds.flatMap((kind) =>
    [...after[kind]].filter((one) => !before[kind].has(one)).map((one) => `${kind}: ${one}`),
  );
}

function processes({ folders }: Watch): { readonly pid: string; readonly commandLine: string }[] {
  const found: { pid: string; commandLine: string }[] = [];
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    try {
      const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      const cwd = readlinkSync(`/proc/${pid}/cwd`);
      if (folders.some((folder) => commandLine.includes(folder) || cwd.startsWith(folder))) {
        found.push({ pid, commandLine: commandLine.slice(0, 200) });
      }
    } catch {
      // It ended while it was looked at, or belongs to somebody else.
    }
  }
  return found;
}

/** Ports that our processes listen on: other programs of the host come and go as they like. */
function listeners(watch: Watch): string[] {
  const inodes = new Map<string, string>();
  for (const { pid, commandLine } of processes(watch)) {
    for (const fd of safely(() => readdirSync(`/proc/${pid}/fd`), [])) {
      const inode = /^socket:\[(\d+)\]$/.exec(safely(() => readlinkSync(`/proc/${pid}/fd/${fd}`), ''))?.[1];
      if (inode) inodes.set(inode, commandLine);
    }
  }
  const found: string[] = [];
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of safely(() => readFileSync(table, 'utf8'), '')
      .split('\n')
      .slice(1)) {
      const fields = line.trim().split(/\s+/);
      const owner = inodes.get(fields[9] ?? '');
      if (fields[3] === '0A' && owner)
        found.push(`${Number.parseInt(fields[1]!.split(':')[1]!, 16)} of ${owner}`);
    }
  }
  return found;
}

function loopDevices(): string[] {
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
  return safely(
    () => execFileSync('losetup', ['-a'], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] }),
    '',
  )
    .split('\n')
    .filter(Boolean);
}

function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
}

function safely<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
