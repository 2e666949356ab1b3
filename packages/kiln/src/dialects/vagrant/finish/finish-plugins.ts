import type { RawMachine, RawSection } from '../ruby/raw-result.ts';
import { type KnownPlugin, knownPlugins } from '../settings/plugin-settings.ts';
import type { VagrantMachine } from '../vagrant-config.ts';
import { finishSection } from './coerce.ts';
import type { MachineContext } from './machine-context.ts';

/** Which plugin has `config.NAME`. */
const byName = new Map(
  knownPlugins.flatMap((plugin): [string, KnownPlugin][] =>
    Object.keys(plugin.sections ?? {}).map((name) => [name, plugin]),
  ),
);

/** Settings of plugins. Those of unknown plugins are kept as they are, and named. */
export function finishPlugins(raw: RawMachine, context: MachineContext): VagrantMachine['plugins'] {
  const { problems } = context;
  for (const [name, place] of Object.entries(raw.missing)) {
    problems.warn(place, `config.${name} belongs to no plugin that Kiln knows: no effect`);
  }
  const used = Object.entries(raw.plugins).filter(([, section]) => isUsed(section));
  return Object.fromEntries(
    used.map(([name, section]) => {
      const plugin = byName.get(name);
      if (plugin !== undefined && !plugin.builtIn) {
        problems.warn(firstPlace(section), `config.${name} (${plugin.name}): ${plugin.outcome}`);
      }
      const table = plugin?.sections?.[name] ?? {};
      const known = finishSection(section, table, `config.${name}`, context);
      return [name, { settings: { ...section.settings, ...known }, calls: section.calls }];
    }),
  );
}

function isUsed({ settings, places, calls }: RawSection): boolean {
  const values = Object.values(settings);
  const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;
  return Object.keys(places).length > 0 || calls.length > 0 || values.some((value) => !isEmpty(value));
}

function firstPlace({ places }: RawSection): RawSection['places'][string] {
  return Object.values(places)[0] ?? null;
}
