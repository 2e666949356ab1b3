import { describeResource } from '../compile/compiled-profile.ts';
import type { Difference, Outcome, ResourceReport } from './reports.ts';

const words: Readonly<Record<Outcome, string>> = {
  ok: 'as it should be',
  changed: 'changed',
  'would-change': 'would change',
  failed: 'failed',
  skipped: 'skipped',
};

/** A report for people: what and why in one line, then a line for each difference. */
export function describeReport(report: ResourceReport): readonly string[] {
  const { resource, outcome, message, differences } = report;
  const why = message === undefined ? '' : `: ${inOneLine(message)}`;
  return [
    `${inOneLine(describeResource(resource))} ${words[outcome]}${why}`,
    ...(outcome === 'ok' ? [] : differences.map((one) => `  ${describeDifference(one, outcome)}`)),
  ];
}

/** Such as `mode: 644, should be 600`; of what has been changed, `mode: 644 → 600`. */
export function describeDifference({ what, expected, actual }: Difference, outcome: Outcome): string {
  const between = outcome === 'changed' ? ' →' : ', should be';
  return `${inOneLine(what)}: ${value(actual)}${between} ${value(expected)}`;
}

function value(text: string): string {
  return text === '' ? 'empty' : inOneLine(shortDigest(text));
}

function shortDigest(text: string): string {
  return text.replace(/^sha256:([0-9a-f]{12})[0-9a-f]{52}$/, 'sha256:$1…');
}

const longest = 300;

/** A text in one line, whatever is in it. */
export function inOneLine(text: string): string {
  const line = text.replace(/[\0-\x1f\x7f]/g, (one) => JSON.stringify(one).slice(1, -1));
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
