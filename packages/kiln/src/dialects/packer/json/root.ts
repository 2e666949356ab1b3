import type { SourceLocation } from '../../../base/errors.ts';
import { didYouMean } from '../../../base/suggest.ts';
import { packerVersion } from '../../../text/packer-version.ts';
import type { Problems } from '../problems.ts';
import { describeNode, type MapEntry, type MapNode, type ValueNode } from '../value-node.ts';

const rootKeys = [
  'builders',
  'description',
  'error-cleanup-provisioner',
  'min_packer_version',
  'post-processors',
  'provisioners',
  'push',
  'sensitive-variables',
  'variables',
] as const;

export type RootKey = (typeof rootKeys)[number];

/** The outermost object of a template, its keys known to be right. */
export class TemplateRoot {
  readonly #values = new Map<string, ValueNode>();
  readonly #problems: Problems;
  readonly at: SourceLocation;
  /** Entries whose names begin with `_`, which mean nothing to Packer. */
  readonly comments: readonly MapEntry[];

  /** With `anyVersion` a template for a newer Packer is none the worse for it. */
  constructor(map: MapNode, problems: Problems, anyVersion = false) {
    this.#problems = problems;
    this.at = map.at;
    this.comments = map.entries.filter(({ key }) => key.startsWith('_'));
    for (const { key, keyAt, value } of map.entries) {
      // Packer does not mind capitals here.
      const name = key.toLowerCase();
      if (rootKeys.some((known) => known === name)) this.#values.set(name, value);
      else if (!key.startsWith('_')) {
        const hint = didYouMean(key, rootKeys) ?? 'names of comments begin with "_"';
        problems.error(keyAt, `a template has no "${key}"`, hint);
      }
    }
    const push = this.#values.get('push');
    if (push) problems.warn(push.at, '"push" has no effect: the service it was for is gone');
    if (!anyVersion) this.#checkVersion();
  }

  value(key: RootKey): ValueNode | undefined {
    return this.#values.get(key);
  }

  list(key: RootKey): readonly ValueNode[] {
    const node = this.#values.get(key);
    if (!node || node.kind === 'null') return [];
    if (node.kind === 'list') return node.items;
    this.#problems.error(node.at, `"${key}" must be a list, not ${describeNode(node)}`);
    return [];
  }

  /** The entries of a list that must be objects. */
  maps(key: RootKey): readonly MapNode[] {
    return this.list(key).flatMap((node) => {
      if (node.kind === 'map') return [node];
      this.#problems.error(node.at, `an entry of "${key}" must be an object, not ${describeNode(node)}`);
      return [];
    });
  }

  #checkVersion(): void {
    const node = this.#values.get('min_packer_version');
    if (!node || node.kind === 'null') return;
    const wanted = node.kind === 'string' ? parseVersion(node.value) : undefined;
    if (!wanted) {
      this.#problems.error(
        node.at,
        `"min_packer_version" must be a version such as "1.6.0", not ${describeNode(node)}`,
      );
    } else if (compareVersions(wanted, parseVersion(packerVersion)!) > 0) {
      this.#problems.error(
        node.at,
        `the template wants Packer ${wanted.join('.')} or newer; Kiln follows Packer ${packerVersion}`,
      );
    }
  }
}

function parseVersion(text: string): readonly number[] | undefined {
  const match = /^v?(\d+(?:\.\d+)*)(?:[-+][0-9A-Za-z.+-]+)?$/.exec(text.trim());
  return match ? match[1]!.split('.').map(Number) : undefined;
}

function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
