import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shellQuote } from '../shell-quote.ts';
import { type SshdOptions, startSshd, type TestSshd } from './sshd.ts';

/** What a machine that only records says when a command contains a text. The first answer that fits counts. */
export interface Answer {
  readonly to: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: number;
  /** Break the connection instead of ending. */
  readonly breaks?: boolean;
}

/** One session: a command as the server got it, or a file that was copied with scp or sftp. */
export type Recorded =
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'file'; readonly path: string; readonly text: string };

export interface RecordingSshd extends TestSshd {
  /** What has been asked of the machine so far, in order. */
  recorded(): Promise<readonly Recorded[]>;
  forget(): Promise<void>;
}

/**
 * A real SSH server whose login shell is a small script: it keeps every command and every copied file, runs nothing
 * and answers as told. So a Linux host shows what would be sent to a Windows machine.
 */
export async function startRecordingSshd(
  answers: readonly Answer[] = [],
  options: SshdOptions = {},
): Promise<RecordingSshd> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-recording-'));
  const log = join(folder, 'log');
  await mkdir(log);
  const shell = join(folder, 'shell');
  await writeFile(shell, recordingShell(folder, answers));
  const server = await startSshd({
    ...options,
    config: [`ForceCommand /bin/sh ${shell}`, ...(options.config ?? [])],
  });
  return {
    ...server,
    recorded: async () => {
      const names = (await readdir(log)).sort();
      const sessions = await Promise.all(names.map((name) => readSession(join(log, name))));
      return sessions.flat();
    },
    forget: async () => {
      for (const name of await readdir(log)) await rm(join(log, name), { recursive: true });
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Each session has a folder named by the time of its beginning. scp writes into it, whatever folder it was told to
 * write to.
 */
function recordingShell(folder: string, answers: readonly Answer[]): string {
  const branches = answers.map((answer) => {
    const { to, stdout = '', stderr = '', code = 0, breaks = false } = answer;
    const end = breaks ? breakConnection : `exit ${code}`;
    return `case "$SSH_ORIGINAL_COMMAND" in *${shellQuote(to)}*) printf %s ${shellQuote(stdout)}; printf %s ${shellQuote(stderr)} >&2; ${end} ;; esac`;
  });
  return [
    `session=${shellQuote(join(folder, 'log'))}/$(date +%s%N)`,
    'mkdir "$session"',
    'printf %s "$SSH_ORIGINAL_COMMAND" >"$session/command"',
    'case "$SSH_ORIGINAL_COMMAND" in',
    '  "scp "*) mkdir "$session/files"; exec scp -rt "$session/files" ;;',
    'esac',
    ...branches,
    'exit 0',
    '',
  ].join('\n');
}

/** Ends the server's process for this session: the nearest ancestor that is called sshd. */
const breakConnection =
  'p=$PPID; until grep -q ^sshd /proc/$p/comm; do p=$(cut -d" " -f4 /proc/$p/stat); done; kill -9 $p; exit';

async function readSession(folder: string): Promise<readonly Recorded[]> {
  const command = (await readFile(join(folder, 'command'), 'utf8').catch(() => '')).trimEnd();
  // A target with spaces is quoted, in one way or another.
  const sink = /^scp -\S*t (.*)$/s.exec(command);
  if (!sink) return [{ kind: 'command', command }];
  const target = sink[1]!.replace(/\\(?= )|["']|\/$/g, '');
  const names = await readdir(join(folder, 'files'), { recursive: true, withFileTypes: true });
  return await Promise.all(
    names
      .filter((entry) => entry.isFile())
      .map(async (entry): Promise<Recorded> => {
        const path = join(entry.parentPath, entry.name);
        const inner = path.slice(join(folder, 'files').length);
        return { kind: 'file', path: `${target}${inner}`, text: await readFile(path, 'utf8') };
      }),
  );
}
