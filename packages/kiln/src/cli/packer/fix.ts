import { DiagnosticsError } from '../../base/diagnostics.ts';
import { exitCodes } from '../exit-codes.ts';
import { readTemplateText } from '../packer-template.ts';
import { definePackerCommand } from './command.ts';
import { templateFlags, withoutEffect } from './flags.ts';
import { defineFlags } from './go-flags.ts';
import { problemText } from './problem-text.ts';

const flags = defineFlags({
  validate: {
    type: 'boolean',
    default: true,
    description: 'Do not look whether the fixed template is right.',
  },
  ...withoutEffect(templateFlags),
});

export const fixCommand = definePackerCommand({
  operands: 'TEMPLATE',
  description:
    'Reads a template in JSON that was made for an older Packer, and writes it to standard output with\neverything in it that has another name or form today.',
  details: async () => {
    const { fixers } = await import('../../dialects/packer/fix/fix-template.ts');
    const width = Math.max(...fixers.map(({ name }) => name.length));
    const lines = fixers.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
    return ['What is fixed, in this order:', '', ...lines].join('\n');
  },
  flags,
  arguments: { min: 1, max: 1 },
  run: async ({ flags: given, args }, context) => {
    const { ui, cwd, paint } = context;
    const file = args[0]!;
    const { fixTemplate } = await import('../../dialects/packer/fix/fix-template.ts');
    const { text, applied, diagnostics } = fixTemplate({ file, text: readTemplateText(file, cwd) });
    if (text === undefined) throw new DiagnosticsError(diagnostics);
    context.log.line(`fixes: ${applied.length === 0 ? 'none' : applied.join(', ')}`);
    // Packer ends the JSON with two line ends.
    ui.say(`${text}\n`);
    if (!given.validate) return exitCodes.ok;
    const { outlinePackerJson } = await import('../../dialects/packer/json/outline.ts');
    const problems = outlinePackerJson({ file: `${file} (fixed)`, text }).diagnostics.filter(
      (one) => one.severity === 'error',
    );
    for (const problem of problems) ui.error(problemText(problem, paint));
    return problems.length > 0 ? exitCodes.failed : exitCodes.ok;
  },
});
