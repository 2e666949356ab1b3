import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export interface KilnResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary folder with files in it, where the real program is run. */
export interface Workshop {
  readonly folder: string;
  /** Its own `$KILN_HOME`. */
  readonly home: string;
  /** Runs `kiln` to its end. Temporary paths are FOLDER and HOME in what it gives back. */
  kiln(...args: readonly string[]): Promise<KilnResult>;
  /** Starts it; the caller may send it signals. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Started;
}

export interface Started {
  readonly done: Promise<KilnResult>;
  signal(name: NodeJS.Signals): void;
  /** Resolves as soon as the text was printed. */
  printed(text: string): Promise<void>;
  /** The first text on standard output that fits, as soon as it was printed. */
  line(pattern: RegExp): Promise<string>;
}

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Compiled code is kept from one start to the next, as it is for users; removed when the tests are done. */
const cache = mkdtempSync(join(tmpdir(), 'kiln-cli-cache-'));
process.once('exit', () => rmSync(cache, { recursive: true, force: true }));

/** The test command shares what it has compiled among all files of tests. */
const compiled = process.env.NODE_COMPILE_CACHE;

export function makeWorkshop(
  t: TestContext,
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Workshop {
  const root = mkdtempSync(join(tmpdir(), 'kiln-cli-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, 'work');
  const home = join(root, 'home');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const start = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Started => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: root,
        KILN_HOME: home,
        XDG_CACHE_HOME: cache,
        ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }),
        TZ: 'UTC',
        ...env,
        ...more,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    const hide = (text: string) => text.replaceAll(folder, 'FOLDER').replaceAll(home, 'HOME');
    const output = { stdout: '', stderr: '' };
    const watchers = new Set<() => void>();
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        output[name] += chunk;
        for (const watch of watchers) watch();
      });
    }
    const done = new Promise<KilnResult>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) =>
        resolve({ code, stdout: hide(output.stdout), stderr: hide(output.stderr) }),
      );
    });
    const waitFor = <T>(what: string, look: () => T | undefined) =>
      new Promise<T>((resolve, reject) => {
        const watch = () => {
          const found = look();
          if (found === undefined) return;
          watchers.delete(watch);
          resolve(found);
        };
        watchers.add(watch);
        watch();
        done.then(() => reject(new Error(`it ended without printing ${what}:\n${output.stderr}`)), reject);
      });
    return {
      done,
      signal: (name) => void child.kill(name),
      printed: async (text) => {
        await waitFor(`"${text}"`, () => `${output.stdout}${output.stderr}`.includes(text) || undefined);
      },
      line: (pattern) => waitFor(String(pattern), () => pattern.exec(output.stdout)?.[0]),
    };
  };
  return { folder, home, start, kiln: (...args) => start(args).done };
}
