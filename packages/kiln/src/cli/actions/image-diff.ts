import { KilnError } from '../../base/errors.ts';
import { compareOtherFiles, type OtherFiles } from '../../profile/diff/other-files.ts';
import { sections } from '../../profile/diff/system-state.ts';
import type { ImageSystem } from '../../profile/inventory/image-system.ts';
import { readInventory } from '../../profile/inventory/read-inventory.ts';
import type { Painter } from '../colors.ts';
import type { CommandInput } from '../command.ts';
import type { imageDiffOptions } from '../commands/image-files.ts';
import { comparedSystem } from '../compared-system.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { openImageSystem } from '../open-system.ts';
import { readSystemWord } from '../system-word.ts';
import { withProgress } from '../with-progress.ts';
import { type Comparison, compare, comparisonJson, differs, writeComparison } from './comparison.ts';

const noFiles: OtherFiles = { own: [], byPackage: new Map(), written: [] };

export async function run(
  { options, args }: CommandInput<typeof imageDiffOptions>,
  context: CliContext,
): Promise<number> {
  const [first, second] = args as [string, string];
  const { comparison, files } = await withProgress(context, async ({ signal, emit }) => {
    const before = await open(first, context);
    try {
      const after = await open(second, context);
      try {
        const comparison = await compareImages(before, after, options.text, signal);
        if (!options.files) return { comparison, files: noFiles };
        emit({ kind: 'message', level: 'info', text: 'comparing every file' });
        return { comparison, files: await compareOtherFiles(before.files, after.files) };
      } finally {
        await after.system.close();
      }
    } finally {
      await before.system.close();
    }
  });
  if (options.format === 'json') writeJson(comparison, files, options.all, context);
  else {
    const hidden = options.all ? 0 : files.written.length + files.byPackage.size;
    const text = filesText(files, options.all, context.stdout.paint);
    writeComparison(comparison, options.all, context, { text, count: files.own.length, hidden });
  }
  const isOther = files.own.length > 0 || comparison.differences.some((one) => one.matters);
  return isOther ? differs : exitCodes.ok;
}

async function open(word: string, context: CliContext): Promise<ImageSystem> {
  const meant = await readSystemWord(word, context);
  if (meant.kind === 'image' || meant.kind === 'disk') return openImageSystem(meant, context);
  throw new KilnError('bad-usage', `"${word}" is no disk image`, {
    hint: '`kiln profile diff` compares machines, trees and profiles too',
  });
}

async function compareImages(
  before: ImageSystem,
  after: ImageSystem,
  withTexts: boolean,
  signal: AbortSignal,
): Promise<Comparison> {
  const sides = [before, after].map(async ({ system }) =>
    comparedSystem(await readInventory(system, signal), system),
  );
  const [one, other] = await Promise.all(sides);
  return compare(one!, other!, new Set(sections), withTexts);
}

function filesText({ own, byPackage, written }: OtherFiles, all: boolean, paint: Painter): string {
  const title = (text: string) => `${paint('bold', text)}\n`;
  const parts: string[] = [];
  if (own.length > 0) {
    parts.push(
      `${title('other files')}${own.map(({ path, what }) => `  ${path}  ${what.join(', ')}\n`).join('')}`,
    );
  }
  if (all && byPackage.size > 0) {
    const lines = [...byPackage]
      .sort()
      .map(([name, count]) => `  ${name}  ${count === 1 ? '1 file' : `${count} files`}\n`);
    parts.push(`${title('files of packages that differ')}${lines.join('')}`);
  }
  if (all && written.length > 0) {
    const lines = written.map(({ path, what }) => `  ${path}  ${what.join(', ')}\n`);
    parts.push(`${title('files that programs write again')}${lines.join('')}`);
  }
  return parts.join('\n');
}

function writeJson(comparison: Comparison, files: OtherFiles, all: boolean, { stdout }: CliContext): void {
  const { own, byPackage, written } = files;
  const other = { own, ...(all ? { byPackage: Object.fromEntries(byPackage), written } : {}) };
  stdout.line(JSON.stringify({ ...comparisonJson(comparison, all), otherFiles: other }, null, 2));
}
