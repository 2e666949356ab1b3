import type { SourceLocation } from '../../base/errors.ts';

/** A value of a template together with the place where it stands. JSON and HCL2 templates both become these. */
export type ValueNode = ScalarNode | ListNode | MapNode;

export type ScalarNode =
  | { readonly kind: 'string'; readonly at: SourceLocation; readonly value: string }
  | { readonly kind: 'number'; readonly at: SourceLocation; readonly value: number; readonly text: string }
  | { readonly kind: 'boolean'; readonly at: SourceLocation; readonly value: boolean }
  | { readonly kind: 'null'; readonly at: SourceLocation };

export interface ListNode {
  readonly kind: 'list';
  readonly at: SourceLocation;
  readonly items: readonly ValueNode[];
}

export interface MapNode {
  readonly kind: 'map';
  readonly at: SourceLocation;
  readonly entries: readonly MapEntry[];
}

export interface MapEntry {
  readonly key: string;
  readonly keyAt: SourceLocation;
  readonly value: ValueNode;
}

/** What a value is, in words for messages. */
export function describeNode(node: ValueNode): string {
  switch (node.kind) {
    case 'string':
      return `the text ${JSON.stringify(node.value.length > 40 ? `${node.value.slice(0, 37)}…` : node.value)}`;
    case 'number':
      return `the number ${node.text}`;
    case 'boolean':
      return String(node.value);
    case 'null':
      return 'null';
    case 'list':
      return 'a list';
    case 'map':
      return 'an object';
  }
}

export function entryOf(map: MapNode, key: string): MapEntry | undefined {
  return map.entries.find((entry) => entry.key === key);
}
