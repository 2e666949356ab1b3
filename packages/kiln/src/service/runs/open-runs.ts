import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import type { Publishing } from '../gallery/publishing.ts';
import type { OperationState } from '../http/operations.ts';
import type { Route } from '../http/route.ts';
import type { ServiceContext } from '../service-context.ts';
import { stagingRoutes } from '../staging/staging-routes.ts';
import { sweepStaging } from '../staging/sweep-staging.ts';
import { triggerRound } from '../triggers/trigger-rounds.ts';
import { triggerRoutes } from '../triggers/trigger-routes.ts';
import { createTriggers, type FindTemplate, type Triggers } from '../triggers/triggers.ts';
import type { BuildUser } from '../workers/build-user.ts';
import { type Caretaker, rarely, startCaretaker } from '../workers/caretaker.ts';
import type { AddressRules } from '../workers/forbidden-address.ts';
import { openJobQueue } from '../workers/job-queue.ts';
import { nullBuildVariable } from '../workers/null-build.ts';
import { startWorker, type Worker } from '../workers/worker.ts';
import { usualTimes, type WorkerTimes } from '../workers/worker-times.ts';
import { runRoutes } from './run-routes.ts';
import type { RunSize } from './run-size.ts';
import type { Runs } from './runs.ts';
import { createRuns } from './service-runs.ts';

/** How this process works on runs itself. */
export interface WorkerSettings {
  /** Words that start Kiln, for builds. */
  readonly program: readonly string[];
  /** Store that builds work with; by default `builds` beside the service's home, out of reach of its secrets. */
  readonly buildHome?: string;
  readonly buildUser?: BuildUser;
  readonly name?: string;
  readonly capacity?: RunSize;
  /** Names of further variables of the environment that builds get. */
  readonly passed?: readonly string[];
  readonly rules?: AddressRules;
}

export interface RunsOptions {
  readonly publishing: Publishing;
  /** Undefined: this process takes no runs, and others do. */
  readonly worker?: WorkerSettings;
  readonly times?: WorkerTimes;
  /** Who knows templates; without it there are no triggers. */
  readonly findTemplate?: FindTemplate;
  /** Further work of every round of the caretaker. */
  readonly rounds?: readonly (() => Promise<void>)[];
}

/** Runs, workers and staging of a service. */
export interface OpenRuns {
  readonly runs: Runs;
  readonly triggers?: Triggers;
  readonly routes: readonly Route[];
  /** Begins to look after runs, and to work on them where this process is to. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The folder of builds that belongs to a service's home. */
export function usualBuildHome(home: string): string {
  return `${home.replace(/\/+$/, '')}-builds`;
}

export function openRuns(context: ServiceContext, options: RunsOptions): OpenRuns {
  const { publishing, worker: settings, times = usualTimes, rounds = [] } = options;
  const queue = openJobQueue(context.database, context.log);
  const runs = createRuns(context, queue);
  context.operations.follow('run', (id) => operationOfRun(context, id));
  const { findTemplate } = options;
  const triggers = findTemplate && createTriggers(context, runs, findTemplate);
  const triggering =
    triggers && findTemplate
      ? [rarely(times.round * 2, triggerRound(context, triggers, publishing, findTemplate))]
      : [];
  let caretaker: Caretaker | undefined;
  let worker: Worker | undefined;
  return {
    runs,
    ...(triggers && { triggers }),
    routes: [
      ...runRoutes(context, runs),
      ...stagingRoutes(context),
      ...(triggers ? triggerRoutes(context, triggers) : []),
    ],
    async start() {
      caretaker = startCaretaker(context, queue, { times, more: [...triggering, ...rounds] });
      if (!settings) return;
      const { program, buildUser, name, capacity, passed, rules } = settings;
      const buildHome = settings.buildHome ?? usualBuildHome(context.home);
      await bringCatalogues(context.home, buildHome);
      worker = await startWorker({
        tools: {
          context,
          publishing,
          program,
          buildHome,
          ...(buildUser && { buildUser }),
          ...(passed && { passed }),
          rules: rules ?? { allowed: [], refusePrivate: false },
          allowNullBuilds: process.env[nullBuildVariable] === '1',
        },
        queue,
        times,
        ...(name !== undefined && { name }),
        ...(capacity && { capacity }),
      });
    },
    async stop() {
      await worker?.close();
      await caretaker?.close();
      // What the last runs have left, and those that were just given back.
      if (worker) await sweepStaging(context.database, context.log).catch(() => 0);
      await queue.close();
    },
  };
}

/** How an operation that follows a run stands. Azure knows no operation that succeeded in part. */
async function operationOfRun({ database }: ServiceContext, id: string): Promise<OperationState | undefined> {
  const run = await database
    .selectFrom('runs')
    .select(['state', 'message', 'failure', 'ended_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!run) return undefined;
  if (!run.ended_at) return { status: 'InProgress' };
  const endedAt = run.ended_at;
  if (run.state === 'Canceled') return { status: 'Canceled', endedAt };
  if (run.state !== 'Failed') return { status: 'Succeeded', endedAt };
  const { code = 'InternalOperationError' } = JSON.parse(run.failure ?? '{}') as { readonly code?: string };
  return { status: 'Failed', endedAt, error: { code, message: `${run.message} (run ${id})` } };
}

/** What the service knows of images of the marketplace, its builds know too. */
async function bringCatalogues(home: string, buildHome: string): Promise<void> {
  await mkdir(buildHome, { recursive: true, mode: 0o700 });
  for (const name of ['azure-images.yaml', 'azure-images.yml', 'azure-images.json']) {
    try {
      await copyFile(join(home, name), join(buildHome, name));
    } catch (error) {
      if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error;
    }
  }
}
