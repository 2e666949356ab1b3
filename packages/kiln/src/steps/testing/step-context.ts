import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { KilnEvent } from '../../base/events.ts';
import type { Guest } from '../../guests/guest.ts';
import { noGuest } from '../../guests/no-guest.ts';
import { createRenderer } from '../../text/render-text.ts';
import type { StepContext } from '../step-context.ts';

export interface RecordedContext extends StepContext {
  readonly said: string[];
  readonly stdout: string[];
  readonly stderr: string[];
}

export interface ContextSetup {
  readonly guest?: Guest;
  readonly values?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly folder?: string;
  readonly ask?: StepContext['ask'];
  readonly onOutput?: (line: string) => void;
}

/** A context with the real renderer that keeps what a step says and prints. */
export async function recordedContext(test: TestContext, setup: ContextSetup = {}): Promise<RecordedContext> {
  const scratch = await mkdtemp(join(tmpdir(), 'kiln-step-'));
  test.after(() => rm(scratch, { recursive: true, force: true }));
  const build = { name: 'debian', type: 'qemu' };
  const values = setup.values ?? {};
  const events: KilnEvent[] = [];
  const said: string[] = [];
  const lines = { stdout: [] as string[], stderr: [] as string[] };
  return {
    build,
    values,
    guest: setup.guest ?? noGuest('this test has none'),
    render: createRenderer({ build, values }),
    say: (text) => said.push(text),
    output: (line, stream) => {
      lines[stream].push(line);
      setup.onOutput?.(line);
    },
    emit: (event) => events.push(event),
    signal: setup.signal ?? new AbortController().signal,
    scratch,
    folder: setup.folder ?? scratch,
    ask: setup.ask ?? (async () => ''),
    said,
    ...lines,
  };
}
