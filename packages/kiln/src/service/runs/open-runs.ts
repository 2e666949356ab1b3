import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import type { Publishing } from '../gallery/publishing.ts';
import type { Route } from '../http/route.ts';
import type { ServiceContext } from '../service-context.ts';
import { stagingRoutes } from '../staging/staging-routes.ts';
import type { BuildUser } from '../workers/build-user.ts';
import { type Caretaker, startCaretaker } from '../workers/caretaker.ts';
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
  /** Further work of every round of the caretaker. */
  readonly rounds?: readonly (() => Promise<void>)[];
}

/** Runs, workers and staging of a service. */
export interface OpenRuns {
  readonly runs: Runs;
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
  let caretaker: Caretaker | undefined;
  let worker: Worker | undefined;
  return {
    runs,
    routes: [...runRoutes(context, runs), ...stagingRoutes(context)],
    async start() {
      caretaker = startCaretaker(context, queue, { times, more: rounds });
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
      await queue.close();
    },
  };
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
