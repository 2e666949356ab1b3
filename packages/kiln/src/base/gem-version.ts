/*
 * Versions as RubyGems compares them (`Gem::Version`, https://docs.ruby-lang.org/en/3.4/Gem/Version.html): what
 * Vagrant orders boxes by.
 */

const pattern = /^\s*(?:\d+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)?\s*$/;

/** Numbers, and words of letters, which make a version one before its release. */
type Segment = bigint | string;

export interface GemVersion {
  /** As written, without blanks around it. */
  readonly text: string;
  readonly segments: readonly Segment[];
}

/** Undefined for a text that is no version. An empty one is version 0. */
export function parseGemVersion(text: string): GemVersion | undefined {
  if (!pattern.test(text)) return undefined;
  const trimmed = text.trim() || '0';
  const plain = trimmed.replaceAll('-', '.pre.');
  const segments = [...plain.matchAll(/\d+|[a-z]+/gi)].map(([part]) =>
    /^\d/.test(part) ? BigInt(part) : part,
  );
  return { text: trimmed, segments };
}

/** True for versions such as `1.0.rc1` and `1.0-beta`. */
export function isPrerelease({ segments }: GemVersion): boolean {
  return segments.some(isWord);
}

/** Below 0 when `a` comes before `b`, 0 when they are the same version (`1` and `1.0.0` are). */
export function compareGemVersions(a: GemVersion, b: GemVersion): number {
  const left = canonical(a.segments);
  const right = canonical(b.segments);
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [one, other] = [left[at] ?? 0n, right[at] ?? 0n];
    if (one === other) continue;
    if (isWord(one) !== isWord(other)) return isWord(one) ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return 0;
}

/** The version without what makes it one before its release: `1.2.rc1` becomes `1.2`. */
export function releaseOf(version: GemVersion): GemVersion {
  return isPrerelease(version) ? fromSegments(beforeWords(version.segments)) : version;
}

/** The first version that `~>` does not allow: `5.4` for `5.3.1`, `6` for `5.3`. */
export function bumpOf({ segments }: GemVersion): GemVersion {
  const left = beforeWords(segments);
  if (left.length > 1) left.pop();
  const last = (left.pop() as bigint | undefined) ?? 0n;
  return fromSegments([...left, last + 1n]);
}

/** Cut off at the last end as often as there is a word in it, as RubyGems does it. */
function beforeWords(segments: readonly Segment[]): Segment[] {
  const left = [...segments];
  while (left.some(isWord)) left.pop();
  return left;
}

function fromSegments(segments: readonly Segment[]): GemVersion {
  return { text: segments.map(String).join('.'), segments };
}

function isWord(segment: Segment): segment is string {
  return typeof segment === 'string';
}

/** Zeros at the end of the numbers, and at the very end, say nothing. */
function canonical(segments: readonly Segment[]): Segment[] {
  const word = segments.findIndex(isWord);
  const split = word < 0 ? segments.length : word;
  return [...withoutZeros(segments.slice(0, split)), ...withoutZeros(segments.slice(split))];
}

function withoutZeros(segments: readonly Segment[]): readonly Segment[] {
  return segments.slice(0, segments.findLastIndex((one) => one !== 0n) + 1);
}
