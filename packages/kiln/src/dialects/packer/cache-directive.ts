import { parseDuration } from '../../base/durations.ts';
import type { SourceLocation } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { StepCache } from '../../plan/step.ts';
import type { Problems } from './problems.ts';

/** What a directive may say, for messages. */
export const cacheForms = '"false", "true" or "max_age=24h"';

/**
 * What a comment that Packer ignores says to Kiln about a provisioner: in HCL2 `# kiln:cache=false`, in JSON
 * `"_kiln:cache:2": "false"`. A template with one that Kiln does not understand is as right as without it, so mistakes
 * are warnings.
 * @param text `false`, `true` or `max_age=1h`
 * @returns undefined after a mistake that was reported
 */
export function readCacheValue(text: string, at: SourceLocation, problems: Problems): StepCache | undefined {
  const value = text.trim();
  if (value === 'false') return false;
  if (value === 'true') return {};
  const age = /^max_age\s*=\s*(.*)$/.exec(value)?.[1];
  if (age === undefined) {
    const near = nearest(value.replace(/=.*$/, ''), ['false', 'true', 'max_age']);
    const hint = near === undefined ? `say ${cacheForms}` : `did you mean "${near}"?`;
    problems.warn(at, `kiln:cache cannot be "${value}", and is overlooked`, hint);
    return undefined;
  }
  const maxAge = parseDuration(age);
  if (maxAge !== undefined && maxAge >= 0) return { maxAge };
  const hint = /^\d+$/.test(age) ? `write ${age}s for seconds` : 'such as "30m" or "24h"';
  problems.warn(at, `kiln:cache: the max_age "${age}" is no duration, and is overlooked`, hint);
  return undefined;
}

/** Tells of a directive that Kiln does not have. */
export function warnOfDirective(name: string, at: SourceLocation, problems: Problems): void {
  const near = nearest(name, ['cache']);
  const hint = near === undefined ? 'the only one is kiln:cache' : `did you mean "kiln:${near}"?`;
  problems.warn(at, `there is no directive "kiln:${name}"`, hint);
}
