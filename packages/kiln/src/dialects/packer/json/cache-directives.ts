import type { SourceLocation } from '../../../base/errors.ts';
import type { StepCache } from '../../../plan/step.ts';
import { cacheForms, readCacheValue, warnOfDirective } from '../cache-directive.ts';
import type { Problems } from '../problems.ts';
import { describeNode, type MapEntry, type ValueNode } from '../value-node.ts';

/** What the root's comments say of a provisioner, by its place from 0 and its type. */
export type CacheDirectives = (index: number, type: string) => StepCache | undefined;

/**
 * Reads comments such as `"_kiln:cache:2": "false"` or `"_kiln:cache:shell-local": "true"`: of the second provisioner,
 * or of all of a type. One with a number wins. What is wrong with them is a warning.
 * @param comments the root's entries whose names begin with `_`
 * @param types of the template's provisioners, in their order
 */
export function readCacheDirectives(
  comments: readonly MapEntry[],
  types: readonly (string | undefined)[],
  problems: Problems,
): CacheDirectives {
  const byIndex = new Map<number, StepCache>();
  const byType = new Map<string, StepCache>();
  for (const { key, keyAt, value } of comments) {
    const directive = /^_kiln\b:?(.*)$/.exec(key)?.[1];
    if (directive === undefined) continue;
    const [name, target] = splitOnce(directive);
    if (name !== 'cache') {
      if (name === '') problems.warn(keyAt, `"${key}" says nothing to Kiln`, example);
      else warnOfDirective(name, keyAt, problems);
      continue;
    }
    const read = readValue(value, problems);
    const index = /^\d+$/.test(target) ? Number(target) - 1 : undefined;
    if (!isKnown(target, index, types, keyAt, problems) || read === undefined) continue;
    if (index === undefined) byType.set(target, read);
    else byIndex.set(index, read);
  }
  return (index, type) => byIndex.get(index) ?? byType.get(type);
}

const example = 'write "_kiln:cache:2": "false" for the second provisioner';

function isKnown(
  target: string,
  index: number | undefined,
  types: readonly (string | undefined)[],
  at: SourceLocation,
  problems: Problems,
): boolean {
  if (index === undefined ? types.includes(target) : index >= 0 && index < types.length) return true;
  if (target === '') problems.warn(at, '"_kiln:cache" names no provisioner', example);
  else if (index === undefined) problems.warn(at, `there is no provisioner of the type "${target}"`, example);
  else problems.warn(at, `there is no provisioner ${target}: the template has ${types.length}`);
  return false;
}

function readValue(value: ValueNode, problems: Problems): StepCache | undefined {
  if (value.kind === 'string') return readCacheValue(value.value, value.at, problems);
  const hint = value.kind === 'boolean' ? 'put it into quotes' : `say ${cacheForms}`;
  problems.warn(value.at, `Packer refuses a comment that is ${describeNode(value)}`, hint);
  return value.kind === 'boolean' ? readCacheValue(String(value.value), value.at, problems) : undefined;
}

function splitOnce(text: string): readonly [string, string] {
  const at = text.indexOf(':');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
