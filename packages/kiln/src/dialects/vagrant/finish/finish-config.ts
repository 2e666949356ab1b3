import type { RawMachine, RawResult } from '../ruby/raw-result.ts';
import { vagrantSettings } from '../settings/core-settings.ts';
import type { Options, VagrantConfig, VagrantMachine } from '../vagrant-config.ts';
import { finishSection, mapOf, textsOf } from './coerce.ts';
import { explainError } from './explain-error.ts';
import { finishMachine } from './finish-machine.ts';
import type { MachineContext } from './machine-context.ts';
import type { MachineProblems } from './machine-problems.ts';

export interface ProjectPlace {
  readonly file: string;
  readonly folder: string;
  readonly dotfiles: string;
}

/** The whole configuration, of the machines that could be configured. */
export function finishConfig(
  raw: RawResult,
  place: ProjectPlace,
  problems: MachineProblems,
  typeOf: MachineContext['typeOf'],
): VagrantConfig {
  const machines = (raw.machines ?? []).flatMap((one): VagrantMachine[] => {
    const own = problems.forMachine(one.name);
    if (one.error !== undefined) {
      explainError(one.error, own);
      return [];
    }
    const context = {
      machine: one.name,
      provider: one.provider,
      folder: place.folder,
      problems: own,
      typeOf,
    };
    return [finishMachine(one as RawMachine, context)];
  });
  const context = { machine: '', provider: '', folder: place.folder, problems, typeOf };
  const vagrant = finishSection(raw.vagrant, vagrantSettings, 'config.vagrant', context);
  return {
    ...place,
    machines,
    primary: machines.length === 1 ? machines[0]!.name : machines.find(({ primary }) => primary)?.name,
    host: vagrant.host,
    sensitive: [
      ...new Set([...raw.secrets, ...(vagrant.sensitive === null ? [] : textsOf(vagrant.sensitive))]),
    ],
    plugins: pluginsOf(vagrant.plugins),
    pushes: Object.fromEntries(
      Object.entries(raw.pushes ?? {}).map(([name, { strategy, config }]) => [
        name,
        { strategy, settings: config.settings },
      ]),
    ),
  };
}

/** `config.vagrant.plugins` is a name, names, or names with details. */
function pluginsOf(value: unknown): Readonly<Record<string, Options>> {
  if (typeof value === 'string') return { [value]: {} };
  if (Array.isArray(value)) return Object.assign({}, ...value.map(pluginsOf)) as Record<string, Options>;
  return Object.fromEntries(Object.entries(mapOf(value)).map(([name, details]) => [name, mapOf(details)]));
}
