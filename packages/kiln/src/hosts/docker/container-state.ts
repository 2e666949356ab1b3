import { machineLabel } from './container-arguments.ts';
import { tryDocker } from './docker-command.ts';

export type ContainerState = 'running' | 'paused' | 'stopped' | 'gone';

/** A container by the name that the engine has it under, and the machine that it must be of. */
export interface ContainerHandle {
  readonly name: string;
  readonly machine: string;
}

/**
 * What a container does. One of that name that is not the machine's is none of ours.
 * @throws KilnError `tool-missing` without an engine, `cancelled`
 */
export async function containerState(
  { name, machine }: ContainerHandle,
  signal?: AbortSignal,
): Promise<ContainerState> {
  const format = `{{.State.Status}} {{index .Config.Labels "${machineLabel}"}}`;
  const args = ['container', 'inspect', '--format', format, name];
  const { code, stdout } = await tryDocker(args, signal ? { signal } : {});
  const [status, owner] = stdout.trim().split(' ');
  if (code !== 0 || owner !== machine) return 'gone';
  if (status === 'running' || status === 'restarting') return 'running';
  return status === 'paused' ? 'paused' : 'stopped';
}
