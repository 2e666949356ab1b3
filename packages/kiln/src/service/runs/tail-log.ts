import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceContext } from '../service-context.ts';
import { readLog } from './run-log.ts';
import { isFinal } from './run-state.ts';

const mostAtOnce = 256 << 10;
const pause = 250;
/** Proxies close connections on which nothing comes. */
const heartbeat = 15_000;

/**
 * A run's log as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), from a byte on to
 * the run's end: `log` with whole lines, whose `id` is the offset to go on from, `state` when that changes, and `end`.
 */
export function tailLog(
  { database, home }: ServiceContext,
  runId: string,
  offset: number,
  signal: AbortSignal,
): Readable {
  async function* events(): AsyncGenerator<string> {
    let at = offset;
    let said = '';
    let quiet = 0;
    while (!signal.aborted) {
      // The state first: what is written before a run ends is there when it has ended.
      const run = await database
        .selectFrom('runs')
        .select(['state', 'sub_state', 'message'])
        .where('id', '=', runId)
        .executeTakeFirst();
      const ended = !run || isFinal(run.state);
      const state = JSON.stringify({
        state: run?.state ?? 'Failed',
        ...(run && !ended && { subState: run.sub_state }),
        message: run?.message ?? 'the run was deleted',
      });
      if (state !== said && !ended) yield `event: state\ndata: ${state}\n\n`;
      said = state;
      for (;;) {
        const { bytes } = await readLog(home, runId, at, mostAtOnce);
        const whole = ended || bytes.length === mostAtOnce ? bytes.length : bytes.lastIndexOf(10) + 1;
        if (whole === 0) break;
        at += whole;
        quiet = 0;
        const text = bytes.subarray(0, whole).toString('utf8');
        const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
        yield `event: log\nid: ${at}\n${lines.map((line) => `data: ${line}\n`).join('')}\n`;
        if (whole < mostAtOnce) break;
      }
      if (ended) {
        yield `event: end\ndata: ${state}\n\n`;
        return;
      }
      quiet += pause;
      if (quiet >= heartbeat) {
        quiet = 0;
        yield ': nothing new\n\n';
      }
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }
  return Readable.from(events(), { objectMode: false });
}
