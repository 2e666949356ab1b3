import { type ProvisionMode, provisionModeOf } from '../../../machines/provision/provision-mode.ts';
import { defineRubyFlags, type RubyFlagValues } from '../ruby-flags.ts';
import type { Target } from '../targets.ts';
import { VagrantError } from '../vagrant-error.ts';

/** Flags of every command that starts machines. */
export const startFlags = defineRubyFlags({
  provision: { type: 'switch', forms: 'both', description: 'Run provisioners, or none of them.' },
  'provision-with': {
    type: 'list',
    value: 'x,y,z',
    description: 'Run these provisioners alone, by name or type.',
  },
});

/**
 * Which provisioners are meant.
 * @throws VagrantError `ProvisionerFlagInvalid` for a name that is none
 */
export function provisionMode(
  flags: RubyFlagValues<typeof startFlags>,
  targets: readonly Target[],
): ProvisionMode {
  const mode = provisionModeOf({ provision: flags.provision, provisionWith: flags['provision-with'] });
  if (mode.kind !== 'named') return mode;
  const known = new Set(
    targets.flatMap(({ config }) => config.provisioners.flatMap(({ name, type }) => [name ?? type, type])),
  );
  const isKnown = (name: string) => known.has(name);
  const wrong = mode.names.find((name) => !isKnown(name));
  if (wrong !== undefined && !mode.names.some(isKnown)) {
    throw new VagrantError(
      'ProvisionerFlagInvalid',
      `there is no provisioner ${wrong}`,
      `the machines have ${[...known].join(', ') || 'none'}`,
    );
  }
  return { kind: 'named', names: mode.names.filter(isKnown) };
}
