import { setTimeout as sleep } from 'node:timers/promises';
import { cancelled } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import type { OptionValues } from './command.ts';
import type { CliContext } from './context.ts';
import { askServer, askServerForText, type serverOptions } from './server-options.ts';

/** A run as `/api/v1/runs/{run}` shows it. */
export interface ShownRun {
  readonly id: string;
  readonly templateId: string;
  readonly state: string;
  readonly subState?: string;
  readonly message: string;
  readonly failure?: { readonly code?: string; readonly step?: string };
  readonly queuedAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly attempts: number;
  readonly steps: readonly ShownStep[];
  readonly artifacts: readonly {
    readonly name: string;
    readonly state: string;
    readonly artifactId?: string;
    readonly artifactUri?: string;
    readonly message?: string;
  }[];
}

export interface ShownStep {
  readonly attempt: number;
  readonly name: string;
  readonly subState: string;
  readonly state: string;
  readonly milliseconds?: number;
}

type Server = OptionValues<typeof serverOptions>;

export function hasEnded({ state }: Pick<ShownRun, 'state'>): boolean {
  return state !== 'Running' && state !== 'Canceling';
}

export async function readRun(id: string, options: Server, context: CliContext): Promise<ShownRun> {
  const path = `/api/v1/runs/${encodeURIComponent(id)}`;
  return (await askServer(context, options, { method: 'GET', path })) as ShownRun;
}

export interface WatchOptions {
  readonly server: Server;
  /** Takes parts of the log as they come; undefined for none. */
  readonly onLog: ((text: string) => void) | undefined;
  /** Milliseconds; undefined for without end. */
  readonly timeout?: number | undefined;
  readonly signal: AbortSignal;
}

/** Between two questions, in milliseconds: short at first, for runs that end soon. */
const pauses = { first: 250, most: 2_000 };
/** A service that is being restarted may be away so long. */
const patience = 120_000;

/**
 * Follows a run to its end. A service that does not answer for a while is asked again. Undefined: it took too long.
 * @throws KilnError `cancelled`, `service-refused`, `download-failed` when the service is away for minutes
 */
export async function watchRun(
  id: string,
  { server, onLog, timeout, signal }: WatchOptions,
  context: CliContext,
): Promise<ShownRun | undefined> {
  const deadline = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout;
  let offset = 0;
  let pause = pauses.first;
  let answered = performance.now();
  for (;;) {
    try {
      const run = await readRun(id, server, context);
      if (onLog) offset = await passOn(id, offset, onLog, server, context);
      answered = performance.now();
      if (hasEnded(run)) return run;
    } catch (error) {
      const isAway = error instanceof KilnError && error.code === 'download-failed';
      if (!isAway || performance.now() - answered > patience) throw error;
    }
    if (performance.now() >= deadline) return undefined;
    const rest = Math.min(pause, deadline - performance.now());
    await sleep(rest, undefined, { signal }).catch(() => {});
    if (signal.aborted) throw cancelled();
    pause = Math.min(pauses.most, pause * 1.3);
  }
}

/** Gives what is new of a log; returns where to go on. */
export async function passOn(
  id: string,
  from: number,
  onLog: (text: string) => void,
  server: Server,
  context: CliContext,
): Promise<number> {
  let offset = from;
  for (;;) {
    const { text, headers } = await askServerForText(context, server, {
      method: 'GET',
      path: `/api/v1/runs/${encodeURIComponent(id)}/log?offset=${offset}`,
      headers: { accept: 'text/plain' },
    });
    const next = Number(headers['x-next-offset']);
    if (text === '' || !Number.isSafeInteger(next) || next <= offset) return offset;
    onLog(text);
    offset = next;
  }
}
