import type { SourceLocation } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import type { Text } from '../../plan/text.ts';
import type { LateData } from '../../text/compile-text.ts';
import type { ComponentContext } from './component-context.ts';
import { OptionFinder } from './option-finder.ts';
import {
  describeNode,
  hasUnknown,
  isOff,
  type MapNode,
  type ScalarNode,
  type StringNode,
  type ValueNode,
} from './value-node.ts';
import { type ValueTyping, weakTyping } from './value-typing.ts';

/**
 * The options of one builder, provisioner or post-processor, read with the typing of their language. Every mistake
 * is reported and gives the value that an option has when it is left out. `finish` reports the options that nobody
 * asked for.
 */
export class Options {
  readonly context: ComponentContext;
  /** Place of the whole component. */
  readonly at: SourceLocation;
  readonly #what: string;
  readonly #finder: OptionFinder;
  readonly #hasUnknown: boolean;

  /** Of several maps the later ones win; maps inside them are put together. */
  constructor(what: string, maps: readonly MapNode[], context: ComponentContext) {
    this.#what = what;
    this.#finder = new OptionFinder(maps, context);
    this.context = context;
    this.at = maps[0]!.at;
    this.#hasUnknown = maps.some(hasUnknown);
  }

  /** Names that the caller has read by itself. */
  skip(...names: readonly string[]): void {
    this.#finder.skip(names);
  }

  has(name: string): boolean {
    const found = this.#finder.find(name);
    return found !== undefined && !(found.value.kind === 'null' && found.typing.nullIsAbsent);
  }

  /** Where the value of an option stands; the whole component when it is left out. */
  placeOf(name: string): SourceLocation {
    return this.#finder.find(name)?.value.at ?? this.at;
  }

  /** What some option has not got yet cannot be held against the others: such a component is not judged. */
  error(name: string | undefined, message: string, hint?: string): void {
    if (
      this.#hasUnknown &&
      (name === undefined || !this.has(name) || hasUnknown(this.#finder.find(name)!.value))
    )
      return;
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
    const found = this.#scalar(name, 'a text');
    return (found && this.#renderText(name, found.node, found.typing)) || undefined;
  }

  /** A text that may wait for the build to run. */
  text(name: string, late: LateData): Text | undefined {
    const found = this.#scalar(name, 'a text');
    return (found && this.#compile(name, found.node, found.typing, late)) || undefined;
  }

  /** A whole number; undefined when it is left out. */
  integer(name: string): number | undefined {
    return this.#parsed(name, 'a whole number', (node, typing) => typing.integer(node));
  }

  boolean(name: string): boolean {
    return this.#parsed(name, 'true or false', (node, typing) => typing.boolean(node)) ?? false;
  }

  /** Milliseconds. */
  duration(name: string): number | undefined {
    const { node, typing: own } = this.#scalar(name, 'a duration') ?? {};
    if (own === weakTyping && node?.kind === 'number' && node.value !== 0) {
      this.warn(name, `"${name}" without a unit counts in nanoseconds`, `write "${node.text}s" for seconds`);
    }
    // HCL2 has no type for durations: an option of that language that is left out is an empty text to Packer.
    if (own !== weakTyping && node?.kind === 'string' && node.value === '') return undefined;
    return this.#parsed(name, 'a duration such as "30s" or "1m30s"', (one, typing) => typing.duration(one));
  }

  oneOf<const T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.string(name);
    const found = choices.find((choice) => choice === value);
    if (value === undefined || found !== undefined) return found;
    const hint = didYouMean(value, choices);
    this.error(name, `"${name}" is one of ${choices.join(', ')}, not "${value}"`, hint);
    return undefined;
  }

  /** Where a language takes a single text for a list, it is split at its commas once it is rendered. */
  strings(name: string): readonly string[] {
    const typing = this.#finder.typingOf(name);
    return this.#renderedItems(name).flatMap((node) => this.#textOf(name, node, typing) ?? []);
  }

  texts(name: string, late: LateData): readonly Text[] {
    const typing = this.#finder.typingOf(name);
    return this.items(name).flatMap((node) => this.#compile(name, node, typing, late) ?? []);
  }

  integers(name: string): readonly number[] | undefined {
    if (!this.has(name)) return undefined;
    const typing = this.#finder.typingOf(name);
    return this.#renderedItems(name).flatMap((node) => {
      if (node.kind === 'unknown') return [];
      const value = typing.integer(node);
      if (value === undefined) this.#wrong(name, node, 'a list of whole numbers');
      return value ?? [];
    });
  }

  /** A list of lists of texts. */
  table(name: string, late: LateData): readonly (readonly Text[])[] {
    const found = this.#finder.find(name);
    if (!found || found.value.kind === 'null' || found.value.kind === 'unknown') return [];
    const { value: node, typing } = found;
    if (node.kind !== 'list' && !typing.takesLoneItems) {
      this.#wrong(name, node, 'a list of lists of texts');
      return [];
    }
    const rows = node.kind === 'list' ? node.items : [node];
    return rows.map((row) =>
      this.#itemsOf(name, row, typing).flatMap((item) => this.#compile(name, item, typing, late) ?? []),
    );
  }

  /** The scalars of a list, not rendered, with lone values as the language takes them. */
  items(name: string): readonly ScalarNode[] {
    const found = this.#finder.find(name);
    return found ? this.#itemsOf(name, found.value, found.typing) : [];
  }

  /** The text of a list's element, rendered. */
  itemText(name: string, node: ScalarNode): string | undefined {
    return this.#renderText(name, node, this.#finder.typingOf(name));
  }

  stringMap(name: string): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.#entries(name).flatMap(([key, node, typing]) => {
        const value = this.#renderText(name, node, typing);
        return value === undefined ? [] : [[key, value]];
      }),
    );
  }

  textMap(name: string, late: LateData): Readonly<Record<string, Text>> {
    return Object.fromEntries(
      this.#entries(name).flatMap(([key, node, typing]) => {
        const value = this.#compile(name, node, typing, late);
        return value === undefined ? [] : [[key, value]];
      }),
    );
  }

  /** An object of anything, with its texts rendered; empty when it is left out. */
  object(name: string): Readonly<Record<string, unknown>> {
    const found = this.#finder.find(name);
    if (!found || found.value.kind === 'null' || found.value.kind === 'unknown') return {};
    if (found.value.kind !== 'map') {
      this.#wrong(name, found.value, 'an object');
      return {};
    }
    return this.#plain(found.value) as Readonly<Record<string, unknown>>;
  }

  #plain(node: ValueNode): unknown {
    switch (node.kind) {
      case 'null':
      case 'unknown':
        return null;
      case 'list':
        return node.items.map((item) => this.#plain(item));
      case 'map':
        return Object.fromEntries(node.entries.map(({ key, value }) => [key, this.#plain(value)]));
      default: {
        const rendered = this.#rendered(node);
        return rendered && 'value' in rendered ? rendered.value : null;
      }
    }
  }

  /** The options inside an option that is an object. */
  inner(name: string): Options | undefined {
    const found = this.#finder.all(name, 'block');
    const maps = found.flatMap(({ value }) => (value.kind === 'list' ? value.items : [value]));
    const good = maps.filter((node) => node.kind === 'map');
    for (const node of maps)
      if (node.kind !== 'map' && node.kind !== 'null') this.#wrong(name, node, 'an object');
    return good.length === 0 ? undefined : new Options(`"${name}"`, good, this.context);
  }

  /** An option that had another name once. The old name counts only where the new one is left out. */
  renamed(old: string, name: string): string {
    const entry = this.#finder.find(old);
    this.#finder.dontSuggest(old);
    if (!entry) return name;
    this.context.problems.warn(entry.keyAt, `"${old}" is an old name`, `write "${name}"`);
    return this.#finder.find(name) ? name : old;
  }

  /** An option that Packer has and Kiln does not do: a mistake when it is switched on. */
  refuse(name: string, reason: string, hint?: string): void {
    const node = this.#finder.find(name)?.value;
    if (!node || isOff(node)) return;
    this.error(name, `Kiln does not do "${name}": ${reason}`, hint);
  }

  /** An option that changes nothing. */
  ignore(name: string, reason?: string): void {
    const entry = this.#finder.find(name);
    if (entry && reason !== undefined && !isOff(entry.value)) {
      this.context.problems.warn(entry.keyAt, `"${name}" has no effect: ${reason}`);
    }
  }

  /** Reports the options that nothing has asked for. */
  finish(): void {
    for (const { key, keyAt, hint } of this.#finder.unused()) {
      this.context.problems.error(keyAt, `${this.#what} has no option "${key}"`, hint);
    }
  }

  #scalar(name: string, wanted: string): { node: ScalarNode; typing: ValueTyping } | undefined {
    const found = this.#finder.find(name);
    if (!found || found.value.kind === 'null' || found.value.kind === 'unknown') return undefined;
    const { value: node, typing } = found;
    if (node.kind !== 'list' && node.kind !== 'map') return { node, typing };
    if (node.kind === 'list' && node.items.length === 0 && typing.takesLoneItems) return undefined;
    this.#wrong(name, node, wanted);
    return undefined;
  }

  #parsed<T>(
    name: string,
    wanted: string,
    parse: (node: ScalarNode, typing: ValueTyping) => T | undefined,
  ): T | undefined {
    const found = this.#scalar(name, wanted);
    const rendered = found && this.#rendered(found.node);
    if (!rendered) return undefined;
    const value = parse(rendered, found.typing);
    if (value === undefined) this.#wrong(name, rendered, wanted);
    return value;
  }

  #compile(name: string, node: ScalarNode, typing: ValueTyping, late: LateData): Text | undefined {
    const text = this.#textOf(name, node, typing);
    return text === undefined ? undefined : this.context.compile(text, node.at, late, lateParts(node));
  }

  #renderText(name: string, node: ScalarNode, typing: ValueTyping): string | undefined {
    const rendered = this.#rendered(node);
    return rendered && this.#textOf(name, rendered, typing);
  }

  #textOf(name: string, node: ScalarNode, typing: ValueTyping): string | undefined {
    if (node.kind === 'unknown') return undefined;
    const text = typing.string(node);
    if (text === undefined) this.#wrong(name, node, 'a text');
    return text;
  }

  /** A text with its holes filled; any other scalar as it is. */
  #rendered(node: ScalarNode): ScalarNode | undefined {
    if (node.kind !== 'string') return node;
    if (node.waitsFor !== undefined) {
      const names = node.waitsFor.join(' and ');
      const message = `this must be known before the build runs, and ${names} is not`;
      this.context.problems.error(
        node.at,
        message,
        'only texts of provisioners and post-processors can wait',
      );
      return undefined;
    }
    const value = this.context.render(node.value, node.at);
    return value === undefined ? undefined : { ...node, value };
  }

  #renderedItems(name: string): readonly ScalarNode[] {
    const found = this.#finder.find(name);
    if (!found) return [];
    const { value: node, typing } = found;
    const whole = node.kind === 'string' && typing.takesLoneItems ? this.#rendered(node) : node;
    const items = whole ? this.#itemsOf(name, whole, typing) : [];
    return whole !== node || node.kind === 'string'
      ? items
      : items.flatMap((item) => this.#rendered(item) ?? []);
  }

  #itemsOf(name: string, node: ValueNode, typing: ValueTyping): readonly ScalarNode[] {
    switch (node.kind) {
      case 'null':
      case 'unknown':
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
      default:
        if (typing.takesLoneItems) return loneItems(node);
        this.context.problems.error(
          node.at,
          `"${name}" must be a list, not ${describeNode(node)}`,
          'put it into brackets',
        );
        return [];
    }
  }

  #entries(name: string): readonly (readonly [string, ScalarNode, ValueTyping])[] {
    const entries = new Map<string, readonly [string, ScalarNode, ValueTyping]>();
    for (const { value: node, typing } of this.#finder.all(name)) {
      const maps = node.kind === 'list' && typing.takesLoneItems ? node.items : [node];
      for (const map of maps) {
        if (map.kind === 'null' || map.kind === 'unknown') continue;
        if (map.kind !== 'map') {
          this.#wrong(name, map, 'an object');
          continue;
        }
        for (const { key, keyAt, value } of map.entries) {
          const rendered = this.context.render(key, keyAt);
          if (value.kind === 'list' || value.kind === 'map') this.#wrong(name, value, 'an object of texts');
          else if (rendered !== undefined) entries.set(rendered, [rendered, value, typing]);
        }
      }
    }
    return [...entries.values()];
  }

  #wrong(name: string, node: ValueNode, wanted: string): void {
    this.context.problems.error(node.at, `"${name}" must be ${wanted}, not ${describeNode(node)}`);
  }
}

/** Commas inside of actions are part of them. */
function loneItems(node: ScalarNode): readonly ScalarNode[] {
  if (node.kind !== 'string') return [node];
  return node.value === '' ? [] : node.value.split(/,(?![^{]*\}\})/).map((value) => ({ ...node, value }));
}

function lateParts(node: ScalarNode): StringNode['expressions'] {
  return node.kind === 'string' ? node.expressions : undefined;
}
