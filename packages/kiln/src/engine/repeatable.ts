import type { Build } from '../plan/plan.ts';
import { isBuilt } from '../plan/source.ts';
import type { Step } from '../plan/step.ts';

/**
 * Template functions whose answer is another one each time, or comes from outside the plan. `build` and
 * `expression` give run-time values; `build_name` and `build_type` are other words and no trouble.
 */
const changing =
  /\{\{[^}]*\b(?:timestamp|isotime|strftime|uuid|build|expression|env|pwd|consul_key|vault|aws_secretsmanager(?:_raw)?|PackerRunUUID)\b/;

/** Why building this again with the same files may give another image; undefined when it does not. */
export function whyNotRepeatable(build: Build, secrets: readonly string[] = []): string | undefined {
  // A key may hold nothing of a secret, so it cannot tell whether one has changed.
  const text = JSON.stringify(build);
  if (secrets.some((secret) => secret !== '' && text.includes(JSON.stringify(secret).slice(1, -1)))) {
    return 'it uses a secret, which may have changed';
  }
  if (!isBuilt(build.source)) return `a ${build.source.kind} build makes no image`;
  for (const step of build.steps) {
    const reason = whyStepNotRepeatable(step);
    if (reason !== undefined) return reason;
  }
  return whyTextsChange([build.source, build.steps]);
}

/** The same of one step, but for what its texts ask for when it runs. */
export function whyStepNotRepeatable(step: Step): string | undefined {
  if (step.cache === false) return 'a step says that it is to be run every time';
  if (step.cache?.maxAge !== undefined) return 'a step says that its result is good for a while only';
  if ('download' in step && step.download?.digests.length === 0 && !step.cache)
    return 'it downloads something that has no digest';
  if (step.continueOnError) return 'a step may fail without failing the build';
  if (step.kind === 'shell-local' && !step.cache) return 'a shell-local step can do anything';
  if (step.kind === 'ansible' && !step.cache) return 'a playbook that runs on this host can do anything';
  if (step.kind === 'breakpoint' && !step.disabled) return 'a breakpoint lets a person change the machine';
  if (step.kind === 'file' && step.direction === 'download' && !step.cache)
    return 'a step downloads files from the machine';
  if (step.kind === 'file' && step.generated)
    return 'a step uploads files that are made while the build runs';
  if (step.kind === 'file' && step.sources.some((source) => typeof source !== 'string')) {
    return 'the name of an uploaded file is known only when the build runs';
  }
  return undefined;
}

/** A text anywhere in a value whose answer is another one in each run. */
export function whyTextsChange(value: unknown): string | undefined {
  const template = findText(value, (source) => changing.test(source));
  return template === undefined ? undefined : `the text "${template}" differs from run to run`;
}

/** The first template anywhere in a value that `matches`. */
function findText(value: unknown, matches: (source: string) => boolean): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('kind' in value && value.kind === 'template' && 'source' in value && typeof value.source === 'string') {
    return matches(value.source) ? value.source : undefined;
  }
  for (const inner of Object.values(value)) {
    const found = findText(inner, matches);
    if (found !== undefined) return found;
  }
  return undefined;
}
