import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Kysely, sql } from 'kysely';
import { openAccess } from '../../access/open-access.ts';
import { createPrincipal } from '../../access/principals.ts';
import { type DatabasePlace, openDatabase } from '../../database/open-database.ts';
import type { Tables } from '../../database/tables.ts';
import type { Publishing } from '../../gallery/publishing.ts';
import { Operations } from '../../http/operations.ts';
import { isFinal } from '../../runs/run-state.ts';
import type { RunRecord, Runs } from '../../runs/runs.ts';
import { createRuns } from '../../runs/service-runs.ts';
import type { ServiceContext } from '../../service-context.ts';
import { type Caretaker, startCaretaker } from '../caretaker.ts';
import { type JobQueue, openJobQueue } from '../job-queue.ts';
import type { WorkerTools } from '../perform-run.ts';
import { startWorker, type Worker, type WorkerOptions } from '../worker.ts';
import type { WorkerTimes } from '../worker-times.ts';

/** Fast, but for the silence after which a worker is dead: on a busy host, one that lives is silent for seconds, too. */
export const testTimes: WorkerTimes = { beat: 100, dead: 6_000, watch: 50, poll: 50, round: 100 };

/** All that runs need, without galleries and HTTP. */
export interface RunHouse {
  readonly home: string;
  readonly buildHome: string;
  readonly context: ServiceContext;
  readonly queue: JobQueue;
  readonly runs: Runs;
  readonly tools: WorkerTools;
  /** What was published, in order: run, output and fence. */
  published(): Promise<readonly { run_id: string; output: string; fence: number }[]>;
  work(options?: Partial<WorkerOptions>): Promise<Worker>;
  care(): Caretaker;
  /** Starts a run of a null build: `instant`, `100ms`, `100ms-fail2`… */
  start(name: string, sku?: string, more?: object): Promise<RunRecord>;
  ended(runId: string, milliseconds?: number): Promise<RunRecord>;
}

export interface HouseOptions {
  readonly place?: DatabasePlace;
  readonly home?: string;
  readonly now?: () => Date;
}

export const kilnProgram = [
  process.execPath,
  fileURLToPath(new URL('../../../cli/main.ts', import.meta.url)),
] as const;

export async function openHouse(
  t: Pick<TestContext, 'after'>,
  options: HouseOptions = {},
): Promise<RunHouse> {
  const root = options.home ?? mkdtempSync(join(tmpdir(), 'kiln-runs-'));
  if (!options.home) t.after(() => rmSync(root, { recursive: true, force: true }));
  const open = await openDatabase(options.place ?? { kind: 'memory' });
  const database = open.kysely;
  await makeLedger(database);
  const closing: (() => Promise<unknown>)[] = [() => open.close()];
  t.after(async () => {
    for (const close of closing.reverse()) await close();
  });
  const now = options.now ?? (() => new Date());
  const quiet = { info() {}, warn() {}, error() {} };
  const context: ServiceContext = {
    database,
    home: join(root, 'home'),
    now,
    log: quiet,
    instance: 'test',
    operations: new Operations(database, now),
    access: openAccess(database),
  };
  const caller = await createPrincipal(database, { kind: 'user', name: randomUUID() }, now());
  const queue = openJobQueue(database, quiet);
  closing.push(() => queue.close());
  const runs = createRuns(context, queue);
  const buildHome = join(root, 'builds');
  const tools: WorkerTools = {
    context,
    publishing: ledgerPublishing(database),
    program: kilnProgram,
    buildHome,
    rules: { allowed: [], refusePrivate: false },
    allowNullBuilds: true,
  };
  return {
    home: context.home,
    buildHome,
    context,
    queue,
    runs,
    tools,
    published: () =>
      sql<{ run_id: string; output: string; fence: number }>`select * from test_published`
        .execute(database)
        .then(({ rows }) => rows),
    work: async (more = {}) => {
      const worker = await startWorker({
        tools,
        queue,
        times: testTimes,
        capacity: { cpus: 8, memoryMib: 64 << 10 },
        ...more,
      });
      closing.push(() => worker.close());
      return worker;
    },
    care: () => {
      const caretaker = startCaretaker(context, queue, { times: testTimes });
      closing.push(() => caretaker.close());
      return caretaker;
    },
    start: (name, sku = 'instant', more = {}) =>
      runs.start({
        templateId: templateId(name),
        template: nullTemplateBody(sku, more),
        location: 'local',
        cause: 'manual',
        callerId: caller.id,
        clientRequestId: randomUUID(),
      }),
    ended: async (runId, milliseconds = 60_000) => {
      const deadline = performance.now() + milliseconds;
      for (;;) {
        const run = await runs.get(runId);
        if (run && isFinal(run.state)) return run;
        if (performance.now() > deadline) throw new Error(`the run is still ${run?.state} ${run?.subState}`);
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    },
  };
}

export function templateId(name: string): string {
  return `/subscriptions/s1/resourcegroups/team/providers/microsoft.virtualmachineimages/imagetemplates/${name}`;
}

export function nullTemplateBody(sku: string, more: object = {}): object {
  return {
    location: 'local',
    identity: { type: 'None' },
    properties: {
      source: { type: 'PlatformImage', publisher: 'Kiln', offer: 'Null', sku, version: 'latest' },
      distribute: [
        { type: 'VHD', runOutputName: 'one' },
        { type: 'VHD', runOutputName: 'two' },
      ],
      vmProfile: { vmSize: 'Standard_B1s' },
      ...more,
    },
  };
}

async function makeLedger(database: Kysely<Tables>): Promise<void> {
  await sql`create table if not exists test_published (run_id text, output text, fence integer)`.execute(
    database,
  );
}

/**
 * Stands where galleries stand, and keeps to what publishing.ts asks of them. It writes a line for each time that
 * something is published, without a key that would hide a second one.
 */
export function ledgerPublishing(database: Kysely<Tables>): Publishing {
  return {
    async publish({ runId, runOutputName, fence, signal }) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      signal.throwIfAborted();
      await database.transaction().execute(async (transaction) => {
        const held = await sql`
          select id from runs where id = ${runId} and fence = ${fence} and ended_at is null for update`.execute(
          transaction,
        );
        if (held.rows.length === 0) throw new Error('the run is held by another');
        const { rows } = await sql`
          select 1 from test_published where run_id = ${runId} and output = ${runOutputName}`.execute(
          transaction,
        );
        if (rows.length > 0) return;
        await sql`insert into test_published values (${runId}, ${runOutputName}, ${fence})`.execute(
          transaction,
        );
      });
      return { artifactUri: `ledger:${runId}/${runOutputName}` };
    },
    async resolveSource() {
      return { image: 'debian/12', exactVersion: 'latest' };
    },
  };
}
