import type { SourceLocation } from '../../base/errors.ts';
import type { LateExpression } from '../../plan/text.ts';

/** A value of a template together with the place where it stands. JSON and HCL2 templates both become these. */
export type ValueNode = ScalarNode | ListNode | MapNode;

export type ScalarNode =
  | StringNode
  | {
      readonly kind: 'number';
      readonly at: SourceLocation;
      readonly value: number;
      readonly text: string;
      readonly isSecret?: boolean;
    }
  | { readonly kind: 'boolean'; readonly at: SourceLocation; readonly value: boolean }
  | { readonly kind: 'null'; readonly at: SourceLocation }
  /** Known only once data has been fetched, which the command at work does not do. */
  | { readonly kind: 'unknown'; readonly at: SourceLocation };

export interface StringNode {
  readonly kind: 'string';
  readonly at: SourceLocation;
  /** A Go template, as all texts of Packer's components are. */
  readonly value: string;
  /** What only the running build can tell; `{{ expression 0 }}` in the value is the first of them. */
  readonly expressions?: readonly LateExpression[];
  /** Messages must not quote it, not even in part. */
  readonly isSecret?: boolean;
  /** Names such as `build.ID` of what the value waits for, when it was written in HCL2. */
  readonly waitsFor?: readonly string[];
}

export interface ListNode {
  readonly kind: 'list';
  readonly at: SourceLocation;
  readonly items: readonly ValueNode[];
}

export interface MapNode {
  readonly kind: 'map';
  readonly at: SourceLocation;
  readonly entries: readonly MapEntry[];
  /** Its values are read with JSON's weak typing, whatever the language. */
  readonly isWeak?: boolean;
}

export interface MapEntry {
  readonly key: string;
  readonly keyAt: SourceLocation;
  readonly value: ValueNode;
  /** How HCL2's native syntax has it; other syntaxes do not tell the two apart. */
  readonly form?: 'attribute' | 'block';
}

/** What a value is, in words for messages. */
export function describeNode(node: ValueNode): string {
  switch (node.kind) {
    case 'string':
      if (node.isSecret) return 'a secret text';
      return `the text ${JSON.stringify(node.value.length > 40 ? `${node.value.slice(0, 37)}…` : node.value)}`;
    case 'number':
      return node.isSecret ? 'a secret number' : `the number ${node.text}`;
    case 'boolean':
      return String(node.value);
    case 'null':
      return 'null';
    case 'unknown':
      return 'a value that is not known yet';
    case 'list':
      return 'a list';
    case 'map':
      return 'an object';
  }
}

export function entryOf(map: MapNode, key: string): MapEntry | undefined {
  return map.entries.find((entry) => entry.key === key);
}

/** Whether some part of a value is not known yet. */
export function hasUnknown(node: ValueNode): boolean {
  switch (node.kind) {
    case 'unknown':
      return true;
    case 'list':
      return node.items.some(hasUnknown);
    case 'map':
      return node.entries.some(({ value }) => hasUnknown(value));
    default:
      return false;
  }
}

/** Whether a value switches nothing on: it is empty, zero or false. */
export function isOff(node: ValueNode): boolean {
  switch (node.kind) {
    case 'null':
    case 'unknown':
      return true;
    case 'list':
      return node.items.length === 0;
    case 'map':
      return node.entries.length === 0;
    default:
      return node.value === '' || node.value === 'false' || !node.value;
  }
}
