import { resolve } from 'node:path';
import type { WorkerSettings } from '../service/runs/open-runs.ts';
import { findBuildUser } from '../service/workers/build-user.ts';
import type { OptionValues } from './command.ts';
import type { buildingOptions } from './commands/serve.ts';
import type { CliContext } from './context.ts';

/** How this process works on runs. @throws KilnError `bad-usage` for a user that builds cannot run as */
export function workerSettings(
  options: OptionValues<typeof buildingOptions>,
  { cwd }: Pick<CliContext, 'cwd'>,
): WorkerSettings {
  const user = options['build-user'];
  const buildHome = options['build-home'];
  return {
    program: [process.execPath, process.argv[1]!],
    rules: { allowed: options['allow-address'], refusePrivate: options['refuse-private'] },
    ...(user !== undefined && { buildUser: findBuildUser(user) }),
    ...(buildHome !== undefined && { buildHome: resolve(cwd, buildHome) }),
  };
}
