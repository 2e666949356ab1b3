import type { ContainerSpec } from '../../../plan/container-spec.ts';
import { isTruthy, mapOf, textOr, textsOf } from '../finish/coerce.ts';
import type { Options } from '../vagrant-config.ts';
import { onHost, type Planning } from './planning.ts';

/** A machine of the provider docker. Undefined when its block says of nothing what it is made from, which was told. */
export function planContainer(planning: Planning): ContainerSpec | undefined {
  const settings = planning.machine.providers['docker'] ?? {};
  const from = containerSource(settings, planning);
  if (from === undefined) return undefined;
  const name = textOr(settings['name']);
  const user = textOr(settings['username']);
  return {
    from,
    ...(name !== undefined && { name }),
    command: textsOf(settings['cmd'] ?? []),
    createArguments: textsOf(settings['create_args'] ?? []),
    environment: Object.fromEntries(
      Object.entries(mapOf(settings['env'])).map(([key, value]) => [
        key,
        textOr(value) ?? String(value ?? ''),
      ]),
    ),
    expose: textsOf(settings['expose'] ?? [])
      .map(Number)
      .filter((port) => port > 0),
    publish: textsOf(settings['ports'] ?? []),
    volumes: textsOf(settings['volumes'] ?? []),
    links: textsOf(settings['links'] ?? []),
    privileged: isTruthy(settings['privileged']),
    remainsRunning: settings['remains_running'] === undefined || isTruthy(settings['remains_running']),
    hasSsh: isTruthy(settings['has_ssh']),
    stopTimeout: Number(settings['stop_timeout'] ?? 1) * 1000,
    ...(user !== undefined &&
      user !== '' && {
        registry: {
          server: textOr(settings['auth_server']),
          user,
          password: textOr(settings['password']) ?? '',
        },
      }),
  };
}

function containerSource(settings: Options, planning: Planning): ContainerSpec['from'] | undefined {
  if (isTruthy(settings['compose'])) {
    return { kind: 'compose', configuration: mapOf(settings['compose_configuration']) };
  }
  const image = textOr(settings['image']);
  if (image !== undefined) return { kind: 'image', reference: image, pull: isTruthy(settings['pull']) };
  const [folder, repository] = [textOr(settings['build_dir']), textOr(settings['git_repo'])];
  const context = folder === undefined ? repository : onHost(planning, folder);
  if (context === undefined) return undefined;
  const file = textOr(settings['dockerfile']);
  return {
    kind: 'build',
    context,
    ...(file !== undefined && { file }),
    arguments: textsOf(settings['build_args'] ?? []),
  };
}
