import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DiagnosticsError } from '../../base/diagnostics.ts';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { readTemplateText } from '../packer-template.ts';
import { definePackerCommand } from './command.ts';
import { templateFlags, withoutEffect } from './flags.ts';
import { defineFlags } from './go-flags.ts';
import { problemText } from './problem-text.ts';

const flags = defineFlags({
  'output-file': {
    type: 'text',
    value: 'path',
    description: 'Where to write the new template; TEMPLATE.pkr.hcl by default.',
  },
  'with-annotations': {
    type: 'boolean',
    default: false,
    description: 'Explain the parts of the new template in comments.',
  },
  ...withoutEffect(templateFlags),
});

export const hcl2UpgradeCommand = definePackerCommand({
  operands: 'TEMPLATE',
  description: 'Turns a template in JSON into one in HCL2 that does the same. The old one stays as it is.',
  flags,
  arguments: { min: 1, max: 1 },
  run: async ({ flags: given, args }, { ui, cwd, paint }) => {
    const file = args[0]!;
    const { upgradeTemplate } = await import('../../dialects/packer/upgrade/upgrade-template.ts');
    const { text, diagnostics } = upgradeTemplate({
      file,
      text: readTemplateText(file, cwd),
      annotate: given['with-annotations'],
    });
    if (text === undefined) throw new DiagnosticsError(diagnostics);
    for (const diagnostic of diagnostics) ui.say(problemText(diagnostic, paint));
    const output = given['output-file'] ?? `${file}.pkr.hcl`;
    write(resolve(cwd, output), text, output);
    ui.say(`Successfully created ${output}`);
    return exitCodes.ok;
  },
});

function write(path: string, text: string, name: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EISDIR', 'ENOENT', 'ENOTDIR', 'EROFS', 'ENOSPC')) throw error;
    throw new KilnError('file-missing', `${name} cannot be written: ${error.message}`, { cause: error });
  }
}
