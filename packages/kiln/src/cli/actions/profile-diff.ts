import { KilnError } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import { type Section, sections } from '../../profile/diff/system-state.ts';
import type { CommandInput } from '../command.ts';
import type { profileDiffOptions } from '../commands/profile/diff.ts';
import { openCompared } from '../compared-system.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../with-progress.ts';
import { compare, comparisonJson, differs, writeComparison } from './comparison.ts';

export async function run(
  { options, args }: CommandInput<typeof profileDiffOptions>,
  context: CliContext,
): Promise<number> {
  const only = readSections(options.only);
  const [first, second] = args as [string, string];
  const comparison = await withProgress(context, async ({ emit, signal }) => {
    const opening = { profile: options, emit, signal };
    const before = await openCompared(first, context, opening);
    try {
      const after = await openCompared(second, context, opening);
      try {
        return await compare(before, after, only, options.text);
      } finally {
        await after.close();
      }
    } finally {
      await before.close();
    }
  });
  if (options.format === 'json')
    context.stdout.line(JSON.stringify(comparisonJson(comparison, options.all), null, 2));
  else writeComparison(comparison, options.all, context);
  return comparison.differences.some((one) => one.matters) ? differs : exitCodes.ok;
}

function readSections(words: readonly string[]): ReadonlySet<Section> {
  const found = words.map((word) => {
    const section = sections.find((one) => one === word);
    if (section) return section;
    throw new KilnError('bad-usage', `there is no section "${word}"`, {
      hint: didYouMean(word, sections) ?? `there are ${sections.join(', ')}`,
    });
  });
  return new Set(found.length > 0 ? found : sections);
}
