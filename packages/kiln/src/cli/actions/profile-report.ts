import type { ApplyResult } from '../../profile/apply/apply-profile.ts';
import { describeDifference, inOneLine } from '../../profile/apply/describe-report.ts';
import type { Outcome, ResourceReport } from '../../profile/apply/reports.ts';
import { describeResource } from '../../profile/compile/compiled-profile.ts';
import type { Color, Painter } from '../colors.ts';

const words: Readonly<Record<Outcome, readonly [string, Color]>> = {
  ok: ['ok', 'dim'],
  changed: ['changed', 'yellow'],
  'would-change': ['differs', 'yellow'],
  failed: ['failed', 'red'],
  skipped: ['skipped', 'red'],
};

/** A resource: its outcome, what it is, why, and a line for each difference. */
export function reportText(report: ResourceReport, paint: Painter): string {
  const { resource, outcome, message, differences, output = [] } = report;
  const [word, color] = words[outcome];
  const lines = [
    `${paint(color, word.padEnd(8))} ${inOneLine(describeResource(resource))}${message === undefined ? '' : `: ${inOneLine(message)}`}`,
  ];
  if (outcome !== 'ok') {
    for (const difference of differences) lines.push(`           ${describeDifference(difference, outcome)}`);
    for (const line of output.slice(-10)) lines.push(paint('dim', `         | ${line}`));
  }
  return `${lines.join('\n')}\n`;
}

/** All in one line. */
export function summaryText(
  { counts, description }: ApplyResult & { readonly description: string },
  paint: Painter,
) {
  const parts = (['changed', 'would-change', 'failed', 'skipped', 'ok'] as const)
    .filter((outcome) => counts[outcome] > 0)
    .map((outcome) => {
      const [word, color] = words[outcome];
      const text = outcome === 'would-change' && counts[outcome] > 1 ? 'differ' : word;
      return paint(color, `${counts[outcome]} ${text}`);
    });
  return `${description}: ${parts.length === 0 ? 'the profile says nothing of it' : parts.join(', ')}`;
}

/** For programs. */
export function reportJson({
  reports,
  counts,
  description,
}: ApplyResult & { readonly description: string }): object {
  return {
    target: description,
    counts,
    resources: reports.map(({ resource, outcome, differences, message }) => ({
      kind: resource.kind,
      name: resource.name,
      outcome,
      differences,
      ...(message === undefined ? {} : { message }),
    })),
  };
}
