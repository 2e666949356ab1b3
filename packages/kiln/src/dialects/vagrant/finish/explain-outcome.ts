import type { EvaluationOutcome } from '../ruby/messages.ts';
import type { RawNote } from '../ruby/raw-result.ts';
import { knownPlugins } from '../settings/plugin-settings.ts';
import { mapOf, textsOf } from './coerce.ts';
import type { MachineProblems } from './machine-problems.ts';

const trust = '`kiln trust` allows it for this project';

/** Says what the evaluation did not do for the file. */
export function explainOutcome(outcome: EvaluationOutcome, problems: MachineProblems): void {
  if (outcome.contained !== undefined) {
    problems.error(null, `the evaluation was ended: ${outcome.contained}`);
  }
  for (const { command, place } of outcome.refusedCommands) {
    problems.warn(place, `the file wants to run \`${command}\`: not run`, trust);
  }
  for (const { path, what } of outcome.refusals) {
    const verb = { read: 'read', list: 'list', change: 'write' }[what];
    problems.warn(null, `the file wants to ${verb} ${path}, which is outside of the project: refused`, trust);
  }
  for (const path of outcome.unwritten) {
    problems.warn(null, `the file writes ${path}: not written`, trust);
  }
  for (const note of outcome.result?.notes ?? []) explainNote(note, problems);
  explainPlugins(outcome, problems);
}

function explainNote({ kind, place, name, use, what }: RawNote, problems: MachineProblems): void {
  switch (kind) {
    case 'network':
      problems.warn(place, 'the file wants to use the network: refused');
      return;
    case 'question':
      problems.warn(place, 'the file asks a question: it gets no answer');
      return;
    case 'at_exit':
      problems.warn(
        place,
        '`at_exit` does nothing: the file is evaluated, and the command goes on without it',
      );
      return;
    case 'plugin_part':
      problems.warn(place, `the file defines a plugin with ${name}: Kiln does not run it`);
      return;
    case 'renamed':
      problems.warn(place, `${name} is an old name`, `write ${use}`);
      return;
    case 'version1':
      problems.warn(place, `configuration of version 1: ${what}`);
      return;
    case 'require_plugin':
    case 'install_plugin':
      if (!isBuiltIn(name!))
        problems.warn(place, `the plugin ${name} is not installed: Kiln does not run plugins`);
  }
}

/** Plugins that the project asks for and that there is nothing of. */
function explainPlugins({ result, restart }: EvaluationOutcome, problems: MachineProblems): void {
  const asked = result?.vagrant?.settings['plugins'];
  const names =
    Array.isArray(asked) || typeof asked === 'string' ? textsOf(asked) : Object.keys(mapOf(asked));
  for (const name of [...names, ...(restart?.plugins ?? [])]) {
    if (!isBuiltIn(name)) {
      problems.warn(result?.vagrant?.places['plugins'], `Kiln has nothing of the plugin ${name}`);
    }
  }
}

function isBuiltIn(name: string): boolean {
  return knownPlugins.some((plugin) => plugin.builtIn && plugin.name === name);
}
