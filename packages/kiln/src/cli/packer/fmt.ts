import { readFileSync } from 'node:fs';
import { exitCodes } from '../exit-codes.ts';
import { definePackerCommand, type PackerContext } from './command.ts';
import { templateFlags, withoutEffect } from './flags.ts';
import { defineFlags } from './go-flags.ts';
import { problemText } from './problem-text.ts';

const flags = defineFlags({
  check: {
    type: 'boolean',
    default: false,
    description: 'Change nothing, and end with 3 when a file has another format.',
  },
  diff: { type: 'boolean', default: false, description: 'Show what changes, as `diff -u` does.' },
  write: { type: 'boolean', default: true, description: 'Leave the files as they are.' },
  recursive: { type: 'boolean', default: false, description: 'Go into folders inside of folders.' },
  ...withoutEffect(templateFlags),
});

/** What `-check` ends with when something is to be formatted. */
const notFormatted = 3;

export const fmtCommand = definePackerCommand({
  operands: 'PATH… or -',
  description:
    'Brings files in HCL2 (*.pkr.hcl, *.pkrvars.hcl) into their canonical format, and prints the names of those\nthat change. With - it formats standard input onto standard output.',
  flags,
  arguments: { min: 1, max: Number.POSITIVE_INFINITY },
  run: async ({ flags: given, args }, context) => {
    const { ui, cwd } = context;
    const { filesToFormat, layoutOf, layoutOfText, writeLayout } = await import('../format-files.ts');
    const isStdin = args.length === 1 && args[0] === '-';
    const layouts = isStdin
      ? [layoutOfText('<stdin>', readFileSync(0, 'utf8'))]
      : filesToFormat(args, given.recursive, cwd).map((file) => layoutOf(file, cwd));
    let isBroken = false;
    let isChanged = false;
    for (const layout of layouts) {
      const { file, before, after } = layout;
      if (after === undefined) {
        for (const diagnostic of layout.diagnostics) ui.error(problemText(diagnostic, context.paint));
        isBroken = true;
        continue;
      }
      if (isStdin && !given.check && !given.diff) {
        process.stdout.write(after);
        continue;
      }
      if (before === after) continue;
      isChanged = true;
      if (!isStdin) ui.say(file);
      if (given.diff) await sayDiff(file, before, after, context);
      if (given.write && !given.check && !isStdin) writeLayout(layout, cwd);
    }
    if (isBroken) return exitCodes.failed;
    return given.check && isChanged ? notFormatted : exitCodes.ok;
  },
});

async function sayDiff(file: string, before: string, after: string, { ui }: PackerContext): Promise<void> {
  const { unifiedDiff } = await import('../unified-diff.ts');
  const diff = await unifiedDiff(
    { label: `old/${file}`, text: before },
    { label: `new/${file}`, text: after },
  );
  ui.say(diff.trimEnd());
}
