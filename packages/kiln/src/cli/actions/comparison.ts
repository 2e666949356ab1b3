import { compareStates } from '../../profile/diff/compare-states.ts';
import type { Difference, Section, SystemState } from '../../profile/diff/system-state.ts';
import type { ComparedSystem } from '../compared-system.ts';
import type { CliContext } from '../context.ts';
import { differenceText } from './difference-text.ts';
import { fileTextDiffs } from './file-text-diffs.ts';

/** The exit code when something that matters differs. */
export const differs = 2;

export interface Comparison {
  readonly before: SystemState;
  readonly after: SystemState;
  readonly differences: readonly Difference[];
  /** How text files differ, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Compares two systems, which stay open. */
export async function compare(
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

/**
 * For people.
 * @param more further differences that matter, as text, and how many they are
 */
export function writeComparison(
  comparison: Comparison,
  all: boolean,
  { stdout, stderr }: CliContext,
  more: { readonly text: string; readonly count: number; readonly hidden: number } = {
    text: '',
    count: 0,
    hidden: 0,
  },
): void {
  const { before, after, differences, texts } = comparison;
  for (const state of [before, after])
    for (const gap of state.gaps) stderr.line(`${state.description}: ${gap}`);
  const shown = shownOf(comparison, all);
  const hidden = differences.length - shown.length + more.hidden;
  const rest =
    hidden === 0 ? '' : `; ${hidden} more ${hidden === 1 ? 'does' : 'do'} not matter (--all shows them)`;
  if (shown.length + more.count === 0) {
    stdout.line(`nothing that matters differs${rest}`);
    return;
  }
  stdout.line(`--- ${before.description}\n+++ ${after.description}\n`);
  const parts = [differenceText(shown, stdout.paint), more.text].filter((part) => part !== '');
  stdout.write(parts.join('\n'));
  for (const { section, name } of shown) {
    const text = section === 'files' ? texts.get(name) : undefined;
    if (text !== undefined) stdout.write(`\n${text}`);
  }
  const count = shown.length + more.count;
  stdout.line(`\n${count === 1 ? '1 difference' : `${count} differences`}${rest}`);
}

/** For programs. */
export function comparisonJson(comparison: Comparison, all: boolean): object {
  const { before, after, texts } = comparison;
  const side = ({ description, gaps }: SystemState) => ({ description, gaps });
  const differences = shownOf(comparison, all).map((one) => {
    const text = one.section === 'files' ? texts.get(one.name) : undefined;
    return text === undefined ? one : { ...one, text };
  });
  return { before: side(before), after: side(after), differences };
}

function shownOf({ differences }: Comparison, all: boolean): readonly Difference[] {
  return all ? differences : differences.filter((one) => one.matters);
}
