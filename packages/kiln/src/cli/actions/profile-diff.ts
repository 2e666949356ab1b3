import { KilnError } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import { compareStates } from '../../profile/diff/compare-states.ts';
import {
  type Difference,
  type Section,
  type SystemState,
  sections,
} from '../../profile/diff/system-state.ts';
import type { CommandInput } from '../command.ts';
import type { profileDiffOptions } from '../commands/profile/diff.ts';
import { type ComparedSystem, openCompared } from '../compared-system.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { withProgress } from '../with-progress.ts';
import { differenceText } from './difference-text.ts';
import { fileTextDiffs } from './file-text-diffs.ts';

/** Something that matters differs. */
const differs = 2;

interface Comparison {
  readonly before: SystemState;
  readonly after: SystemState;
  readonly differences: readonly Difference[];
  readonly texts: ReadonlyMap<string, string>;
}

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
  const shown = options.all ? comparison.differences : comparison.differences.filter((one) => one.matters);
  if (options.format === 'json') writeJson(comparison, shown, context);
  else writeText(comparison, shown, context);
  return comparison.differences.some((one) => one.matters) ? differs : exitCodes.ok;
}

async function compare(
  one: ComparedSystem,
  other: ComparedSystem,
  only: ReadonlySet<Section>,
  withTexts: boolean,
): Promise<Comparison> {
  const before = await one.state(other.inventory);
  const after = await other.state(one.inventory);
  const differences = compareStates(before, after).filter(({ section }) => only.has(section));
  const texts = withTexts ? await fileTextDiffs(differences, one, other) : new Map<string, string>();
  return { before, after, differences, texts };
}

function writeText(
  { before, after, differences, texts }: Comparison,
  shown: readonly Difference[],
  { stdout, stderr }: CliContext,
): void {
  for (const state of [before, after])
    for (const gap of state.gaps) stderr.line(`${state.description}: ${gap}`);
  const hidden = differences.length - shown.length;
  const rest =
    hidden === 0 ? '' : `; ${hidden} more ${hidden === 1 ? 'does' : 'do'} not matter (--all shows them)`;
  if (shown.length === 0) {
    stdout.line(`nothing that matters differs${rest}`);
    return;
  }
  stdout.line(`--- ${before.description}\n+++ ${after.description}\n`);
  stdout.write(differenceText(shown, stdout.paint));
  for (const { section, name } of shown) {
    const text = section === 'files' ? texts.get(name) : undefined;
    if (text !== undefined) stdout.write(`\n${text}`);
  }
  stdout.line(`\n${shown.length === 1 ? '1 difference' : `${shown.length} differences`}${rest}`);
}

function writeJson(
  { before, after, texts }: Comparison,
  shown: readonly Difference[],
  { stdout }: CliContext,
): void {
  const side = ({ description, gaps }: SystemState) => ({ description, gaps });
  const differences = shown.map((one) => {
    const text = one.section === 'files' ? texts.get(one.name) : undefined;
    return text === undefined ? one : { ...one, text };
  });
  stdout.line(JSON.stringify({ before: side(before), after: side(after), differences }, null, 2));
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
