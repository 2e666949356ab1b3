import type { AnyCommand } from '../command.ts';

/**
 * Every command of Kiln by name, in the order of overviews. Each is one file, loaded when it is asked for: a
 * definition without code (`commands/`), whose work stands in `actions/`.
 */
export const commandTable: Readonly<Record<string, () => Promise<AnyCommand>>> = {
  validate: async () => (await import('./validate.ts')).validateCommand,
  plan: async () => (await import('./plan.ts')).planCommand,
  help: async () => (await import('./help.ts')).helpCommand,
  version: async () => (await import('./version.ts')).versionCommand,
};

export async function loadAllCommands(): Promise<readonly AnyCommand[]> {
  return Promise.all(Object.values(commandTable).map((load) => load()));
}
