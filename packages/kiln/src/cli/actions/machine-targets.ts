import { KilnError } from '../../base/errors.ts';
import { kilnHome } from '../../base/home.ts';
import { findMachine, livingRecords } from '../../machines/find-machine.ts';
import type { MachineRecord } from '../../machines/machine-record.ts';
import type { CliContext } from '../context.ts';
import { findProject } from '../find-project.ts';

/**
 * The folder of the kiln.yaml or Vagrantfile that `--file` names, or of those that are here; undefined when there is none.
 */
export function projectFolder(file: string | undefined, context: CliContext): string | undefined {
  return findProject(file, context)?.folder;
}

export function homeOf(context: CliContext): string {
  return kilnHome(context.env);
}

/** One machine, by the word a person used. @throws KilnError `not-found`, `bad-usage` */
export function targetMachine(
  word: string | undefined,
  file: string | undefined,
  context: CliContext,
): Promise<MachineRecord> {
  return findMachine(homeOf(context), projectFolder(file, context), word);
}

/**
 * The machines that words name, or all of this project. Outside a project words are needed: nobody wants to halt
 * everything by accident.
 */
export async function targetMachines(
  words: readonly string[],
  file: string | undefined,
  context: CliContext,
): Promise<MachineRecord[]> {
  const home = homeOf(context);
  const project = projectFolder(file, context);
  if (words.length > 0) {
    const found: MachineRecord[] = [];
    for (const word of new Set(words)) found.push(await findMachine(home, project, word));
    return found;
  }
  if (project === undefined) {
    throw new KilnError('bad-usage', 'there is no kiln.yaml and no Vagrantfile here: say which machines', {
      hint: '`kiln list` shows all of them',
    });
  }
  return (await livingRecords(home)).filter((record) => record.project === project);
}
