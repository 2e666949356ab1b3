import type { SourceLocation } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { Text } from '../../plan/text.ts';
import type { LateData } from '../../text/compile-text.ts';
import type { ComponentContext } from './component-context.ts';
import { describeNode, type MapEntry, type MapNode, type ScalarNode, type ValueNode } from './value-node.ts';
import { weakBoolean, weakDuration, weakInteger, weakString } from './weak-values.ts';

/**
 * The options of one builder, provisioner or post-processor, read with Packer's weak typing. Every mistake is
 * reported and gives the value that an option has when it is left out. `finish` reports the options that nobody
 * asked for.
 */
export class Options {
  readonly context: ComponentContext;
  /** Place of the whole component. */
  readonly at: SourceLocation;
  readonly #what: string;
  readonly #maps: readonly MapNode[];
  readonly #asked = new Set<string>();
  readonly #used = new Set<string>();

  /** Of several maps the later ones win; maps inside them are put together. */
  constructor(what: string, maps: readonly MapNode[], context: ComponentContext) {
    this.#what = what;
    this.#maps = maps;
    this.context = context;
    this.at = maps[0]!.at;
  }

  /** Names that the caller has read by itself. */
  skip(...names: readonly string[]): void {
    for (const name of names) this.#used.add(name.toLowerCase());
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** Where the value of an option stands; the whole component when it is left out. */
  placeOf(name: string): SourceLocation {
    return this.#find(name)?.value.at ?? this.at;
  }

  error(name: string | undefined, message: string, hint?: string): void {
    this.context.problems.error(name === undefined ? this.at : this.placeOf(name), message, hint);
  }

  /** Says that an option is missing, unless something is said already about what stands there. */
  missing(name: string, hint?: string): void {
    if (!this.has(name)) this.error(undefined, `"${name}" is missing`, hint);
    else if (!this.context.problems.hasErrorAt(this.placeOf(name)))
      this.error(name, `"${name}" is empty`, hint);
  }

  warn(name: string, message: string, hint?: string): void {
    this.context.problems.warn(this.placeOf(name), message, hint);
  }

  /** A text, or undefined when it is left out or empty. */
  string(name: string): string | undefined {
    const node = this.#scalar(name, 'a text');
    return (node && this.#render(node)) || undefined;
  }

  /** A text that may wait for the build to run. */
  text(name: string, late: LateData): Text | undefined {
    const node = this.#scalar(name, 'a text');
    return (node && this.context.compile(weakString(node), node.at, late)) || undefined;
  }

  /** A whole number; undefined when it is left out. */
  integer(name: string): number | undefined {
    return this.#parsed(name, 'a whole number', weakInteger);
  }

  boolean(name: string): boolean {
    return this.#parsed(name, 'true or false', weakBoolean) ?? false;
  }

  /** Milliseconds. */
  duration(name: string): number | undefined {
    const node = this.#scalar(name, 'a duration');
    if (node?.kind === 'number' && node.value !== 0) {
      this.warn(name, `"${name}" without a unit counts in nanoseconds`, `write "${node.text}s" for seconds`);
    }
    return this.#parsed(name, 'a duration such as "30s" or "1m30s"', weakDuration);
  }

  oneOf<const T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.string(name);
    const found = choices.find((choice) => choice === value);
    if (value === undefined || found !== undefined) return found;
    const hint = didYouMean(value, choices);
    this.error(name, `"${name}" is one of ${choices.join(', ')}, not "${value}"`, hint);
    return undefined;
  }

  /** A single text is split at its commas once it is rendered, as Packer does. */
  strings(name: string): readonly string[] {
    return this.#renderedItems(name).map(weakString);
  }

  texts(name: string, late: LateData): readonly Text[] {
    return this.items(name).flatMap((node) => this.context.compile(weakString(node), node.at, late) ?? []);
  }

  integers(name: string): readonly number[] | undefined {
    if (!this.has(name)) return undefined;
    return this.#renderedItems(name).flatMap((node) => {
      const value = weakInteger(node);
      if (value === undefined) this.#wrong(name, node, 'a list of whole numbers');
      return value ?? [];
    });
  }

  /** A list of lists of texts. */
  table(name: string, late: LateData): readonly (readonly Text[])[] {
    const node = this.#node(name);
    if (!node || node.kind === 'null') return [];
    const rows = node.kind === 'list' ? node.items : [node];
    return rows.map((row) =>
      this.#itemsOf(name, row).flatMap((item) => this.context.compile(weakString(item), item.at, late) ?? []),
    );
  }

  /** The scalars of a list, not rendered. A single value counts as a list of one, a text as one with commas. */
  items(name: string): readonly ScalarNode[] {
    const node = this.#node(name);
    return node ? this.#itemsOf(name, node) : [];
  }

  stringMap(name: string): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.#entries(name).flatMap(([key, node]) => {
        const value = this.#render(node);
        return value === undefined ? [] : [[key, value]];
      }),
    );
  }

  textMap(name: string, late: LateData): Readonly<Record<string, Text>> {
    return Object.fromEntries(
      this.#entries(name).flatMap(([key, node]) => {
        const value = this.context.compile(weakString(node), node.at, late);
        return value === undefined ? [] : [[key, value]];
      }),
    );
  }

  /** The options inside an option that is an object. */
  inner(name: string): Options | undefined {
    const nodes = this.#all(name).map((entry) => entry.value);
    const maps = nodes.flatMap((node) => (node.kind === 'list' ? node.items : [node]));
    const good = maps.filter((node) => node.kind === 'map');
    for (const node of maps)
      if (node.kind !== 'map' && node.kind !== 'null') this.#wrong(name, node, 'an object');
    return good.length === 0 ? undefined : new Options(`"${name}"`, good, this.context);
  }

  /** An option that had another name once. The old name counts only where the new one is left out. */
  renamed(old: string, name: string): string {
    const entry = this.#find(old);
    this.#asked.delete(old);
    if (!entry) return name;
    this.context.problems.warn(entry.keyAt, `"${old}" is an old name`, `write "${name}"`);
    if (this.#find(name)) return name;
    this.#asked.add(name);
    return old;
  }

  /** An option that Packer has and Kiln does not do: a mistake when it is switched on. */
  refuse(name: string, reason: string, hint?: string): void {
    const node = this.#node(name);
    if (!node || isOff(node)) return;
    this.error(name, `Kiln does not do "${name}": ${reason}`, hint);
  }

  /** An option that changes nothing. */
  ignore(name: string, reason?: string): void {
    const entry = this.#find(name);
    if (entry && reason !== undefined && !isOff(entry.value)) {
      this.context.problems.warn(entry.keyAt, `"${name}" has no effect: ${reason}`);
    }
  }

  /** Reports the options that nothing has asked for. */
  finish(): void {
    for (const map of this.#maps) {
      for (const { key, keyAt } of map.entries) {
        if (this.#used.has(key.toLowerCase()) || key.toLowerCase().startsWith('packer_')) continue;
        const hint =
          didYouMean(key, this.#asked) ??
          (key.startsWith('_') ? 'only the outermost object of a template can have comments' : undefined);
        this.context.problems.error(keyAt, `${this.#what} has no option "${key}"`, hint);
      }
    }
  }

  #all(name: string): readonly MapEntry[] {
    this.#asked.add(name);
    this.#used.add(name);
    const found = (map: MapNode): MapEntry | undefined =>
      map.entries.find((entry) => entry.key === name) ??
      map.entries.find((entry) => entry.key.toLowerCase() === name);
    return this.#maps.flatMap((map) => found(map) ?? []);
  }

  #find(name: string): MapEntry | undefined {
    return this.#all(name).at(-1);
  }

  #node(name: string): ValueNode | undefined {
    return this.#find(name)?.value;
  }

  #scalar(name: string, wanted: string): ScalarNode | undefined {
    const node = this.#node(name);
    if (!node || node.kind === 'null') return undefined;
    if (node.kind !== 'list' && node.kind !== 'map') return node;
    if (node.kind === 'list' && node.items.length === 0) return undefined;
    this.#wrong(name, node, wanted);
    return undefined;
  }

  #parsed<T>(name: string, wanted: string, parse: (node: ScalarNode) => T | undefined): T | undefined {
    const node = this.#scalar(name, wanted);
    const rendered = node && this.#rendered(node);
    if (!rendered) return undefined;
    const value = parse(rendered);
    if (value === undefined) this.#wrong(name, rendered, wanted);
    return value;
  }

  #render(node: ScalarNode): string | undefined {
    return this.context.render(weakString(node), node.at);
  }

  /** A text with its holes filled; any other scalar as it is. */
  #rendered(node: ScalarNode): ScalarNode | undefined {
    if (node.kind !== 'string') return node;
    const value = this.#render(node);
    return value === undefined ? undefined : { ...node, value };
  }

  #renderedItems(name: string): readonly ScalarNode[] {
    const node = this.#node(name);
    const whole = node?.kind === 'string' ? this.#rendered(node) : node;
    const items = whole ? this.#itemsOf(name, whole) : [];
    return node?.kind === 'string' ? items : items.flatMap((item) => this.#rendered(item) ?? []);
  }

  #itemsOf(name: string, node: ValueNode): readonly ScalarNode[] {
    switch (node.kind) {
      case 'null':
        return [];
      case 'list':
        return node.items.flatMap((item) => {
          if (item.kind !== 'list' && item.kind !== 'map') return [item];
          this.#wrong(name, item, 'a text');
          return [];
        });
      case 'map':
        this.#wrong(name, node, 'a list');
        return [];
      case 'string':
        // Commas inside of actions are part of them.
        return node.value === ''
          ? []
          : node.value.split(/,(?![^{]*\}\})/).map((value) => ({ ...node, value }));
      default:
        return [node];
    }
  }

  #entries(name: string): readonly (readonly [string, ScalarNode])[] {
    const entries = new Map<string, ScalarNode>();
    for (const { value: node } of this.#all(name)) {
      const maps = node.kind === 'list' ? node.items : [node];
      for (const map of maps) {
        if (map.kind === 'null') continue;
        if (map.kind !== 'map') {
          this.#wrong(name, map, 'an object');
          continue;
        }
        for (const { key, keyAt, value } of map.entries) {
          const rendered = this.context.render(key, keyAt);
          if (value.kind === 'list' || value.kind === 'map') this.#wrong(name, value, 'an object of texts');
          else if (rendered !== undefined) entries.set(rendered, value);
        }
      }
    }
    return [...entries];
  }

  #wrong(name: string, node: ValueNode, wanted: string): void {
    this.context.problems.error(node.at, `"${name}" must be ${wanted}, not ${describeNode(node)}`);
  }
}

function isOff(node: ValueNode): boolean {
  switch (node.kind) {
    case 'null':
      return true;
    case 'list':
      return node.items.length === 0;
    case 'map':
      return node.entries.length === 0;
    default:
      return node.value === '' || node.value === 'false' || !node.value;
  }
}
