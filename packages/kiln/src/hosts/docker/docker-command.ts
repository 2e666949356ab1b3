import { KilnError } from '../../base/errors.ts';
import { type RunOptions, type RunResult, run } from '../../base/processes.ts';

/** What cannot be done for want of an engine, in the words of docker(1). */
const noEngine = /Cannot connect to the Docker daemon|Is the docker daemon running|error during connect/;

/**
 * Runs docker(1), which finds its engine by DOCKER_HOST and contexts.
 * @throws KilnError `tool-missing` without the program or without an engine, `tool-failed`, `cancelled`
 */
export async function docker(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await tryDocker(args, options);
  if (result.code === 0) return result;
  const words = result.stderr.trim().split('\n').slice(-6).join('\n');
  throw new KilnError('tool-failed', `docker ${args[0]} ended with ${result.code}: ${words}`);
}

/** As `docker`, but a command that fails is a result. */
export async function tryDocker(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await start(args, options);
  if (result.code !== 0 && noEngine.test(result.stderr)) {
    throw new KilnError('tool-missing', 'no Docker engine answers', {
      hint: 'start it (`sudo systemctl start docker`, or `sudo dockerd &`), see that you may use it (group docker), or set DOCKER_HOST',
    });
  }
  return result;
}

async function start(args: readonly string[], options: RunOptions): Promise<RunResult> {
  try {
    return await run('docker', args, options);
  } catch (error) {
    if (!(error instanceof KilnError && error.code === 'tool-missing')) throw error;
    throw new KilnError('tool-missing', 'there is no program docker', {
      hint: 'sudo apt-get install docker.io',
      cause: error,
    });
  }
}
