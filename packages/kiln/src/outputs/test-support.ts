import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { KilnError } from '../base/errors.ts';
import type { KilnEvent } from '../base/events.ts';
import { run as runProgram } from '../base/processes.ts';
import type { Artifact } from '../hosts/artifact.ts';
import { Run } from '../store/run.ts';
import { createRenderer } from '../text/render-text.ts';
import type { OutputContext } from './output-context.ts';

export interface OutputBench {
  readonly home: string;
  /** The folder that paths in templates are relative to. */
  readonly folder: string;
  readonly run: Run;
  readonly events: KilnEvent[];
  /** A finished build's context; `more` replaces parts of it. */
  context(more?: Partial<OutputContext>): OutputContext;
  /** An artifact of files, which counts how often it was destroyed. */
  artifact(files: readonly string[], more?: Partial<Artifact>): Artifact;
}

export async function makeOutputBench(t: TestContext): Promise<OutputBench> {
  const root = await mkdtemp(join(tmpdir(), 'kiln-outputs-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const home = join(root, 'home');
  const folder = join(root, 'work');
  await mkdir(folder);
  const run = await Run.open(home);
  t.after(() => run.close());
  const events: KilnEvent[] = [];
  const build = { name: 'one', type: 'file' };
  const values = { ID: 'File' };
  return {
    home,
    folder,
    run,
    events,
    context: (more = {}) => ({
      build,
      values,
      render: createRenderer({ build: more.build ?? build, values, templateFolder: folder }),
      say: (text) => events.push({ kind: 'message', level: 'info', text }),
      output: (line, stream) => events.push({ kind: 'output', build: build.name, line, stream }),
      emit: (event) => events.push(event),
      signal: new AbortController().signal,
      scratch: run.folder,
      folder,
      force: false,
      runUuid: '11111111-2222-3333-4444-555555555555',
      run,
      provenance: () => ({ kilnVersion: '0', made: 'build one' }),
      inputIsSpent: false,
      ownPath: (path) => run.ownPath(path),
      disownPath: (path) => run.disownPath(path),
      ...more,
    }),
    artifact: (files, more = {}) => ({
      builderId: 'packer.file',
      id: 'File',
      description: `Stored file: ${files.join(', ')}`,
      files,
      destroy: async () => {
        for (const file of files) await rm(join(folder, file), { force: true });
      },
      ...more,
    }),
  };
}

/**
 * Builds a template with the real Packer in `folder`. Undefined where there is no Packer: what it wrote is then only
 * known from what the tests have written down.
 */
export async function buildWithPacker(folder: string, template: string): Promise<string | undefined> {
  try {
    const env = { ...process.env, CHECKPOINT_DISABLE: '1', PACKER_CACHE_DIR: join(folder, '.cache') };
    const result = await runProgram('packer', ['build', '-color=false', template], { cwd: folder, env });
    if (result.code !== 0) throw new Error(result.stdout + result.stderr);
    return result.stdout;
  } catch (error) {
    if (error instanceof KilnError && error.code === 'tool-missing') return undefined;
    throw error;
  }
}
