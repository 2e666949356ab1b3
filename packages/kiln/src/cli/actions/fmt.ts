import { readFileSync } from 'node:fs';
import type { CommandInput } from '../command.ts';
import type { fmtOptions } from '../commands/fmt.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { type FileLayout, filesToFormat, layoutOf, layoutOfText, writeLayout } from '../format-files.ts';
import { formatDiagnostics } from '../report-error.ts';

export async function run(
  { options, args }: CommandInput<typeof fmtOptions>,
  context: CliContext,
): Promise<number> {
  const { cwd } = context;
  if (args.length === 1 && args[0] === '-') return formatInput(options, context);
  const files = filesToFormat(args.length === 0 ? ['.'] : args, options.recursive, cwd);
  const layouts = files.map((file) => layoutOf(file, cwd));
  if (!options.check && options.write) {
    for (const layout of layouts) if (isChanged(layout)) writeLayout(layout, cwd);
  }
  return report(layouts, options, context);
}

async function formatInput(
  options: CommandInput<typeof fmtOptions>['options'],
  context: CliContext,
): Promise<number> {
  const layout = layoutOfText('<stdin>', readFileSync(0, 'utf8'));
  if (options.check || options.diff || options.json || layout.after === undefined) {
    return report([layout], options, context);
  }
  context.stdout.write(layout.after);
  return exitCodes.ok;
}

async function report(
  layouts: readonly FileLayout[],
  { check, diff, json }: CommandInput<typeof fmtOptions>['options'],
  { stdout, stderr }: CliContext,
): Promise<number> {
  const changed = layouts.filter(isChanged);
  const diagnostics = layouts.flatMap((layout) => layout.diagnostics);
  if (json) {
    const files = layouts.map((layout) => ({
      file: layout.file,
      changed: isChanged(layout),
      diagnostics: layout.diagnostics,
    }));
    stdout.line(JSON.stringify({ files }, null, 2));
  } else {
    stderr.write(formatDiagnostics(diagnostics, stderr.paint));
    for (const { file, before, after } of changed) {
      stdout.line(file);
      if (!diff) continue;
      const { unifiedDiff } = await import('../unified-diff.ts');
      stdout.write(
        await unifiedDiff({ label: `old/${file}`, text: before }, { label: `new/${file}`, text: after! }),
      );
    }
  }
  const isBroken = layouts.some((layout) => layout.after === undefined);
  return isBroken || (check && changed.length > 0) ? exitCodes.failed : exitCodes.ok;
}

function isChanged({ before, after }: FileLayout): boolean {
  return after !== undefined && after !== before;
}
