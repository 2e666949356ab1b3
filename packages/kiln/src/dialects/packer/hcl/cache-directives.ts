import { type BlockNode, type NativeBody, parseConfig, type Range, type Token, tokens } from '@kiln/hcl';
import type { StepCache } from '../../../plan/step.ts';
import { readCacheValue, warnOfDirective } from '../cache-directive.ts';
import type { Problems } from '../problems.ts';
import { placeOf } from './diagnostics.ts';
import { isJsonFile, type SourceFile } from './source-files.ts';

/** What comments say of the provisioner whose block, or whose dynamic block, has this header. */
export type CacheDirectives = (headerRange: Range) => StepCache | undefined;

/**
 * Reads comments such as `# kiln:cache=false` or `# kiln:cache max_age=1h`, which stand inside of a provisioner's block
 * or on the lines directly above it. What is wrong with them is a warning.
 */
export function readCacheDirectives(files: readonly SourceFile[], problems: Problems): CacheDirectives {
  const found = new Map<string, StepCache>();
  for (const { file, text, bytes } of files) {
    if (isJsonFile(file) || !text.includes('kiln:')) continue;
    const content = bytes ?? text;
    const all = tokens(content, file);
    const blocks = provisionersOf(parseConfig(content, file).value);
    for (const [at, token] of all.entries()) {
      const directive = token.kind === 'comment' ? directiveIn(token.text) : undefined;
      if (directive === undefined) continue;
      const place = placeOf(token.range);
      const [, name = '', rest = ''] = /^([\w-]+)(.*)$/s.exec(directive) ?? [];
      if (name !== 'cache') {
        warnOfDirective(name, place, problems);
        continue;
      }
      const block = blocks.find((one) => one.start <= token.start && token.start < one.closeBrace);
      const owner = block ?? blocks.find((one) => one.start === startBelow(all, at));
      const value = readCacheValue(rest.replace(/^\s*=/, ''), place, problems);
      if (!owner) {
        const hint = 'write it inside of a provisioner, or on the line above one';
        problems.warn(place, 'kiln:cache belongs to no provisioner here', hint);
      } else if (value !== undefined) found.set(keyOf(file, owner.start), value);
    }
  }
  return ({ file, start }) => found.get(keyOf(file, start.offset));
}

function keyOf(file: string, offset: number): string {
  return `${offset} ${file}`;
}

/** What follows `kiln:` in a comment that begins with it. */
function directiveIn(comment: string): string | undefined {
  const text = comment
    .replace(/^(?:#+|\/\/+|\/\*+)/, '')
    .replace(/\*+\/$/, '')
    .trim();
  return /^kiln:(?=\w)(.*)$/s.exec(text)?.[1] ?? /^kiln:\s+(cache\b.*)$/s.exec(text)?.[1];
}

function provisionersOf(body: NativeBody): readonly BlockNode[] {
  return body.node.blocks
    .filter(({ type }) => type === 'build')
    .flatMap((build) => build.body.blocks)
    .filter(({ type, labels }) => (type === 'dynamic' ? labels[0]?.value : type) === 'provisioner');
}

/** Where the next thing begins that is no comment, when no line between is empty and the comment has its line alone. */
function startBelow(all: readonly Token[], at: number): number | undefined {
  if (!hasLineAlone(all, at)) return undefined;
  for (let next = at; next < all.length; next++) {
    const { kind, start, text } = all[next]!;
    if (kind === 'comment' || kind === 'space') continue;
    if (kind !== 'newline') return start;
    // A comment to the end of the line brings the line's end along; what comes then is an empty line.
    const before = all.slice(0, next).findLast((token) => token.kind !== 'space');
    if (before?.kind === 'newline' || before?.text.endsWith('\n') || text.length > 2) return undefined;
  }
  return undefined;
}

function hasLineAlone(all: readonly Token[], at: number): boolean {
  const before = all.slice(0, at).findLast((token) => token.kind !== 'space');
  return !before || before.kind === 'newline' || before.text.endsWith('\n');
}
