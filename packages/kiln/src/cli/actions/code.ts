import { homedir } from 'node:os';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { listRecords, type MachineRecord } from '../../machines/machine-record.ts';
import { installInclude, namesForSsh } from '../../machines/ssh-include.ts';
import type { CommandInput } from '../command.ts';
import type { codeOptions } from '../commands/code.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadTemplate } from '../load-template.ts';
import { openProgram } from '../open-program.ts';
import { homeOf, targetMachine } from './machine-targets.ts';

/** Editors that know the extension Remote - SSH, in order of their spread. */
const editors = ['code', 'codium', 'cursor', 'code-insiders'];

export async function run(
  { options, args }: CommandInput<typeof codeOptions>,
  context: CliContext,
): Promise<number> {
  const record = await targetMachine(args[0], options.file, context);
  const home = homeOf(context);
  await installInclude(home, join(context.env['HOME'] || homedir(), '.ssh', 'config'));
  const known = [...namesForSsh(await listRecords(home))].find(([, one]) => one.id === record.id);
  if (!known) {
    throw new KilnError('unsupported', `${record.name} has no SSH server that an editor could use`);
  }
  const [host] = known;
  const folder = options.folder ?? (await projectFolderInside(record, context));
  const words = ['--remote', `ssh-remote+${host}`, ...(folder === undefined ? [] : [folder])];
  for (const editor of options.editor === undefined ? editors : [options.editor]) {
    if (!(await openProgram(editor, words))) continue;
    context.stderr.line(`opening ${editor} in ${host}${folder === undefined ? '' : `, ${folder}`}`);
    return exitCodes.ok;
  }
  throw new KilnError('tool-missing', `there is no editor ${options.editor ?? editors.join(', ')} here`, {
    hint: `ssh knows the machine as ${host}: open it from your editor`,
  });
}

/** Where the machine has the folder of its project. */
async function projectFolderInside(
  { name, project }: MachineRecord,
  context: CliContext,
): Promise<string | undefined> {
  if (project === undefined) return undefined;
  const input = { file: undefined, var: [], 'var-file': [], isCheck: true };
  const { plan } = await loadTemplate(input, { ...context, cwd: project });
  const folders = plan.machines.find((machine) => machine.name === name)?.folders ?? [];
  return folders.find(({ hostPath }) => hostPath === project)?.guestPath;
}
