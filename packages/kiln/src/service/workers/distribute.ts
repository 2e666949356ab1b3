import { messageOf } from '../../base/errors.ts';
import type { Caller } from '../access/caller.ts';
import type { Published, ResolvedSource } from '../gallery/publishing.ts';
import { type HeldRun, LeaseLost } from '../runs/held-run.ts';
import type { RunLog } from '../runs/run-log.ts';
import { textAt, valueAt } from '../runs/run-size.ts';
import type { RunOutputRow } from '../runs/run-tables.ts';
import type { Stop, WorkerTools } from './perform-run.ts';

export interface Distribution {
  readonly template: object;
  /** In the store of builds. */
  readonly image: string;
  readonly identity: Caller;
  readonly source: ResolvedSource | undefined;
  readonly log: RunLog;
  readonly tools: WorkerTools;
  readonly stop: Stop;
}

/**
 * Hands the image to the galleries, one target after the other. One that fails keeps the others from nothing.
 * @throws LeaseLost, and what the signal was raised with
 */
export async function distribute(
  held: HeldRun,
  { template, image, identity, source, log, tools, stop }: Distribution,
): Promise<readonly { readonly name: string; readonly error?: string }[]> {
  await held.enter('Distributing');
  const targets = (valueAt(template, ['properties', 'distribute']) ?? []) as readonly Record<
    string,
    unknown
  >[];
  const results: { readonly name: string; readonly error?: string }[] = [];
  for (const [index, target] of targets.entries()) {
    const name = textAt(target, ['runOutputName']) ?? `output-${index + 1}`;
    log.line(`distributing ${name} (${textAt(target, ['type']) ?? 'unknown'})`);
    await record(held, tools, name, { state: 'Running' });
    try {
      stop.signal.throwIfAborted();
      const published = await tools.publishing.publish({
        runId: held.id,
        runOutputName: name,
        fence: held.fence,
        target,
        identity,
        location: held.row.location,
        image,
        home: tools.buildHome,
        sources: source ? [source.digest ?? source.image, source.exactVersion] : [],
        tags: (target.artifactTags ?? {}) as Readonly<Record<string, string>>,
        signal: stop.signal,
      });
      await record(held, tools, name, { state: 'Succeeded', published });
      log.line(`distributed ${name}: ${published.artifactId ?? published.artifactUri ?? 'done'}`);
      results.push({ name });
    } catch (error) {
      if (error instanceof LeaseLost) throw error;
      if (stop.signal.aborted) {
        if (stop.reason() !== 'lease-lost' && stop.reason() !== 'worker-ends') {
          await record(held, tools, name, { state: 'Canceled' });
        }
        throw error;
      }
      const message = messageOf(error);
      log.line(`not distributed ${name}: ${message}`);
      await record(held, tools, name, { state: 'Failed', message });
      results.push({ name, error: message });
    }
  }
  return results;
}

async function record(
  held: HeldRun,
  { context }: WorkerTools,
  name: string,
  {
    state,
    published,
    message,
  }: {
    readonly state: RunOutputRow['state'];
    readonly published?: Published;
    readonly message?: string;
  },
): Promise<void> {
  const values = {
    state,
    artifact_id: published?.artifactId ?? null,
    artifact_uri: published?.artifactUri ?? null,
    message: message ?? null,
    updated_at: context.now(),
  };
  await held.write((transaction) =>
    transaction
      .insertInto('run_outputs')
      .values({ run_id: held.id, name, template_id: held.row.template_id, ...values })
      .onConflict((conflict) => conflict.columns(['run_id', 'name']).doUpdateSet(values))
      .execute(),
  );
}
