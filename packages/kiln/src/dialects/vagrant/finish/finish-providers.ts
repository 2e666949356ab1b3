import { standsFor } from '../choose-provider.ts';
import type { RawSection } from '../ruby/raw-result.ts';
import { providerSettings } from '../settings/provider-settings.ts';
import type { Options, VagrantMachine } from '../vagrant-config.ts';
import { finishSection, isTruthy, mapOf } from './coerce.ts';
import { finishLibvirt } from './finish-libvirt.ts';
import type { MachineContext } from './machine-context.ts';

/** Settings of all providers that the file has blocks for. */
export function finishProviders(
  raw: Readonly<Record<string, RawSection>>,
  context: MachineContext,
): VagrantMachine['providers'] {
  return Object.fromEntries(
    Object.entries(raw).map(([name, section]) => {
      const table = providerSettings[name];
      if (table === undefined) {
        if (name === context.provider) {
          context.problems.error(null, `there is no provider ${name}`, 'Kiln has qemu and docker');
        }
        return [name, section.settings];
      }
      // Only what this machine is made with has to be right.
      const matters = isMeant(name, context.provider);
      const finished = finishSection(
        section,
        table,
        `the provider ${name}`,
        matters ? context : { ...context, problems: context.problems.muted() },
      );
      return [name, { ...finished, ...finishedSpecially(name, finished, section.settings) }];
    }),
  );
}

/** The blocks of a provider say something about a machine of this one. */
export function isMeant(provider: string, active: string): boolean {
  return provider === active || (active === 'qemu' && standsFor.has(provider));
}

function finishedSpecially(name: string, values: Options, given: Options): Options {
  const { customizations } = values;
  // Where each of them stands is said by the raw result only.
  if (Array.isArray(customizations))
    return { customizations: customizations.map((line) => line.slice(0, 2)) };
  if (name === 'libvirt') return finishLibvirt(values, given);
  if (name === 'hyperv') {
    const isLinked = isTruthy(values['linked_clone']) || isTruthy(values['differencing_disk']);
    return { linked_clone: isLinked, differencing_disk: isLinked };
  }
  if (name === 'docker')
    return { expose: [...new Set(values['expose'] as unknown[])], env: mapOf(values['env']) };
  return {};
}

/** Mistakes of a docker block. */
export function checkDocker(
  settings: Options,
  place: RawSection['places'][string],
  context: MachineContext,
): void {
  const { problems } = context;
  const ways = ['image', 'build_dir', 'git_repo'].filter((way) => isTruthy(settings[way]));
  if (ways.length > 1)
    problems.error(place, `a container comes from one of ${ways.join(', ')}, not from several`);
  if (ways.length === 0) problems.error(place, 'a container needs an `image`, a `build_dir` or a `git_repo`');
  for (const link of settings['links'] as unknown[]) {
    if (!/^[^:]+:[^:]+$/.test(String(link)))
      problems.error(place, `a link is "container:alias", not ${link}`);
  }
}
