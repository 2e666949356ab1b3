import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import type { KilnEvent } from '../../base/events.ts';
import type { ImageResolver, LocalImage } from '../../sources/image-resolver.ts';
import { Run } from '../../store/run.ts';
import type { HostContext } from '../host.ts';
import { diskInfo } from '../qemu/disks.ts';

/** What a test of a host needs: a home, a run and a context, all in a temporary folder. */
export interface HostBench {
  readonly folder: string;
  readonly home: string;
  readonly run: Run;
  readonly events: KilnEvent[];
  readonly said: string[];
  readonly stop: AbortController;
  readonly context: HostContext;
  close(): Promise<void>;
}

export async function openBench(
  options: { readonly images?: ImageResolver; readonly home?: string } = {},
): Promise<HostBench> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-host-'));
  const home = options.home ?? join(folder, 'home');
  const run = await Run.open(home);
  const events: KilnEvent[] = [];
  const said: string[] = [];
  const stop = new AbortController();
  const context: HostContext = {
    build: { name: 'b', type: 'qemu' },
    run,
    scratch: join(run.folder, 'b'),
    images: options.images ?? filesAsTheyAre,
    emit: (event) => events.push(event),
    signal: stop.signal,
    render: (text, data = {}) =>
      (typeof text === 'string' ? text : text.source).replace(/\{\{ *\.(\w+) *\}\}/g, (_all, name: string) =>
        String(data[name]),
      ),
    force: false,
    say: (text) => said.push(text),
  };
  return {
    folder,
    home,
    run,
    events,
    said,
    stop,
    context,
    close: async () => {
      await run.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Knows nothing but files, and trusts their names. */
export const filesAsTheyAre: ImageResolver = {
  resolve: async (ref): Promise<LocalImage> => {
    if (ref.kind !== 'file') throw new Error(`this test has only files, not ${ref.kind}`);
    const { format, virtualSize } = await diskInfo(ref.path, { trusted: true });
    return { path: ref.path, format: format as LocalImage['format'], digest: 'd', virtualSize, seeded: true };
  },
};

/** Pids of living processes with this text on their command line. */
export async function processesNaming(text: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter(
    (name) => /^\d+$/.test(name) && Number(name) !== process.pid,
  )) {
    try {
      if ((await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes(text)) found.push(Number(pid));
    } catch (error) {
      if (!isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES')) throw error;
    }
  }
  return found;
}

/** Waits until `look` answers true, without a limit of its own: the test runner has one. */
export async function until(look: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await look())) await new Promise((resolve) => setTimeout(resolve, 10));
}
