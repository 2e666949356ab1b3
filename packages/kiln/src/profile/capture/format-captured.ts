import { isMap, isScalar, isSeq, type Pair, parseDocument, type Scalar, type YAMLMap } from 'yaml';
import { formatProfile } from '../language/format-profile.ts';
import type { CapturedProfile, Remark } from './captured-profile.ts';

/** The text of a captured profile, for people: sections apart from each other, with its remarks as comments. */
export function formatCaptured({ profile, remarks }: Pick<CapturedProfile, 'profile' | 'remarks'>): string {
  const document = parseDocument(formatProfile(profile));
  const root = document.contents as YAMLMap<Scalar, unknown>;
  for (const pair of root.items) {
    if (!isMap(pair.value) && !isSeq(pair.value)) continue;
    pair.key.spaceBefore = true;
    shorten(pair.value);
  }
  for (const remark of remarks) if (remark.at.length > 0) addRemark(root, remark);
  const head = remarks.filter(({ at }) => at.length === 0).map(({ text }) => commentLine(text));
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: true });
  return `${head.map((line) => `#${line}\n`).join('')}${text}`;
}

function addRemark(node: unknown, { at, text }: Remark): void {
  const [name, ...rest] = at;
  if (isMap(node)) {
    const pair = node.items.find((one) => isScalar(one.key) && one.key.value === name) as
      | Pair<Scalar>
      | undefined;
    if (!pair) return;
    if (rest.length > 0) addRemark(pair.value, { at: rest, text });
    else comment(pair.key, text);
  } else if (isSeq(node)) {
    const item = node.items.find((one) => one === name || nameOf(one) === name);
    if (isScalar(item) || isMap(item)) comment(item, text);
  }
}

/** Elements of lists are known by their names, with or without further fields. */
function nameOf(item: unknown): unknown {
  if (isScalar(item)) return item.value;
  return isMap(item) ? item.get('name') : undefined;
}

function comment(node: Scalar | YAMLMap, text: string): void {
  node.commentBefore = [node.commentBefore, commentLine(text)].filter((one) => one).join('\n');
}

function commentLine(text: string): string {
  return ` ${text.replace(/[\r\n]+/g, ' ')}`;
}

/** Short lists of words, and elements of lists that are small mappings, go in one line. */
function shorten(node: unknown): void {
  if (!isMap(node) && !isSeq(node)) return;
  if (isMap(node)) {
    for (const { value } of node.items) {
      if (isSeq(value) && isShort(value.items) && areWords(value.items)) value.flow = true;
      else shorten(value);
    }
  } else {
    for (const item of node.items) {
      if (isMap(item) && isShort(item.items.map(({ value }) => value))) item.flow = true;
      else shorten(item);
    }
  }
}

function areWords(items: readonly unknown[]): boolean {
  return items.every((item) => !String((item as Scalar).value).includes(' '));
}

function isShort(items: readonly unknown[]): boolean {
  if (!items.every((item) => isScalar(item) && !String(item.value).includes('\n'))) return false;
  return items.map((item) => String((item as Scalar).value)).join(', ').length <= 72;
}
