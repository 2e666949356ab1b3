import { isMap, isScalar, isSeq, type Node, Scalar, type YAMLMap, YAMLSeq } from 'yaml';
import type { SourceLocation } from '../errors.ts';
import { didYouMean, nearest } from '../suggest.ts';
import { AliasFollower } from './alias-follower.ts';
import { type Entry, readEntries } from './entries.ts';
import { fillText } from './fill-text.ts';
import { escaped, listReference, type Scope } from './interpolate.ts';
import type { Places } from './places.ts';
import type { Problems } from './problems.ts';
import {
  type ActionShape,
  type Field,
  type Fields,
  type Infer,
  type ListShape,
  type NamedShape,
  type NotationProblem,
  type NotationShape,
  type OneOfShape,
  type PlacedText,
  type PlacedTextShape,
  type RecordShape,
  Reset,
  type ResettableShape,
  type Shape,
} from './shape.ts';
import { describeNode, enumerate, expectationOf } from './words.ts';
import type { YamlDocument } from './yaml-document.ts';

export interface ReadContext {
  readonly yaml: YamlDocument;
  readonly scope: Scope;
  readonly problems: Problems;
  readonly places: Places;
  /** With it every mistake has a hint: what its field is for, else this. */
  readonly hint?: string;
}

/**
 * Reads a shape from the file. Everything wrong goes to the context's problems; what can be read is returned
 * nevertheless, so that later checks find more. Undefined when there is nothing to go on with.
 */
export function readShape<S extends Shape>(
  node: unknown,
  shape: S,
  what: string,
  context: ReadContext,
): Infer<S> | undefined {
  // The reader's result has the type that `Infer` computes from the same shape.
  return new ShapeReader(context).read(node, shape, what) as Infer<S> | undefined;
}

class ShapeReader {
  readonly #context: ReadContext;
  /** The field that is being read. */
  #field: Field | undefined;
  readonly #follower: AliasFollower;

  constructor(context: ReadContext) {
    this.#context = context;
    this.#follower = new AliasFollower(context);
  }

  read(node: unknown, shape: Shape, what: string): unknown {
    const value = this.#follower.follow(node);
    if (value === undefined || this.#follower.isTooMuch(node)) return undefined;
    if (shape.kind === 'resettable') return this.#resettable(value, shape, what);
    if (value.tag === resetTag) this.#misplacedReset(value);
    return this.#untagged(value, shape, what);
  }

  #untagged(value: Node, shape: Shape, what: string): unknown {
    switch (shape.kind) {
      case 'list': {
        const texts = shape.byReference ? this.#listReference(value) : undefined;
        if (texts) return this.#listOfTexts(value, texts, shape, what);
        return isSeq(value) ? this.#list(value, shape, what) : this.#mismatch(value, shape, what);
      }
      case 'named':
        return isMap(value) ? this.#named(value, shape, what) : this.#mismatch(value, shape, what);
      case 'record':
        return isMap(value) ? this.#record(value, shape) : this.#mismatch(value, shape, what);
      case 'action':
        return isMap(value) ? this.#action(value, shape) : this.#mismatch(value, shape, what);
      case 'one-of':
        return this.#oneOf(value, shape, what);
      case 'resettable':
        return this.#untagged(value, shape.of, what);
      case 'nothing':
        return isNothing(value) ? null : this.#mismatch(value, shape, what);
      case 'foreign':
        return value;
      case 'placed-text':
        return this.#placedText(value, shape, what);
      default:
        return isScalar(value) && value.value !== null
          ? this.#scalar(value, shape, what)
          : this.#mismatch(value, shape, what);
    }
  }

  #list(node: YAMLSeq, shape: ListShape, what: string): unknown {
    const values: unknown[] = [];
    const members = new Map<number, SourceLocation>();
    const add = (item: unknown, place: unknown, index: number) => {
      const value = this.read(item, shape.of, `entry ${index + 1} of ${what}`);
      if (value === undefined) return;
      members.set(values.length, this.#at(place));
      values.push(value);
    };
    node.items.forEach((item, index) => {
      const texts = shape.byReference ? this.#listReference(item) : undefined;
      if (texts) for (const text of texts) add(this.#scalarOf(text, item), item, index);
      else add(item, item, index);
    });
    this.#context.places.remember(values, this.#at(node), members);
    return values;
  }

  /** A list that is a variable's value: each of its texts counts as if it stood here. */
  #listOfTexts(node: Node, texts: readonly string[], shape: ListShape, what: string): unknown {
    const items = new YAMLSeq();
    items.items = texts.map((text) => this.#scalarOf(text, node));
    items.range = node.range ?? null;
    return this.#list(items, shape, what);
  }

  #scalarOf(text: string, place: unknown): Scalar {
    // It was filled in already.
    const scalar = new Scalar(escaped(text));
    scalar.range = (place as Node).range ?? null;
    return scalar;
  }

  #listReference(node: unknown): readonly string[] | undefined {
    return isScalar(node) && typeof node.value === 'string'
      ? listReference(node.value, this.#context.scope)
      : undefined;
  }

  #resettable(value: Node, shape: ResettableShape, what: string): unknown {
    if (value.tag !== resetTag) return this.#untagged(value, shape.of, what);
    if (isScalar(value) && !value.source) return new Reset(undefined);
    const kept = this.#untagged(value, shape.of, what);
    if (kept === undefined) return undefined;
    const reset = new Reset(kept);
    this.#context.places.remember(reset, this.#at(value), new Map());
    return reset;
  }

  #misplacedReset(node: Node): void {
    this.#context.problems.error(
      this.#at(node),
      '"!reset" has no meaning here',
      'it forgets what was inherited under a name; put it behind that name',
    );
  }

  #placedText(node: Node, shape: PlacedTextShape, what: string): PlacedText | undefined {
    if (!isScalar(node) || node.value === null) return this.#mismatch(node, shape, what);
    const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    const [start, end] = node.range ?? [0, 0];
    const { locate, text: whole } = this.#context.yaml;
    const found = whole.indexOf(text, start);
    // Where quotes or line breaks were taken out of it, the text as such does not stand in the file.
    const from = found < 0 || found >= end ? start : found;
    const type = { boolean: 'switch', number: 'number' }[typeof node.value as string] ?? 'text';
    return {
      text,
      type: type as PlacedText['type'],
      at: (index) => locate(Math.min(from + index, Math.max(start, end - 1))),
    };
  }

  #named(node: YAMLMap, shape: NamedShape, what: string): unknown {
    const values: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    const members = new Map<string, SourceLocation>();
    for (const [key, entry] of this.#entries(node)) {
      if (!new RegExp(shape.key.pattern).test(key)) {
        this.#context.problems.error(
          this.#at(entry.key),
          `"${key}" cannot be ${shape.key.what}`,
          `expected ${shape.key.expected}`,
        );
      }
      // What stands under a wrong name may have mistakes of its own.
      const value =
        entry.value === null && allowsNothing(shape.of)
          ? null
          : this.read(entry.value ?? entry.key, shape.of, `${what}.${key}`);
      if (value === undefined) continue;
      members.set(key, this.#at(entry.key));
      values[key] = value;
    }
    this.#context.places.remember(values, this.#at(node), members);
    return values;
  }

  #record(node: YAMLMap, shape: RecordShape): unknown {
    const entries = this.#entries(node);
    for (const [key, entry] of entries) {
      if (key in shape.fields || (shape.ownPrefix !== undefined && key.startsWith(shape.ownPrefix))) continue;
      this.#unknownField(key, entry, shape.what, Object.keys(shape.fields), shape.synonyms);
    }
    return this.#fields(node, entries, shape.fields, shape.what);
  }

  #action(node: YAMLMap, shape: ActionShape): unknown {
    const entries = this.#entries(node);
    const known = [...Object.keys(shape.actions), ...Object.keys(shape.common)];
    const actions: (readonly [string, Entry])[] = [];
    let unknown = 0;
    for (const [key, entry] of entries) {
      if (key in shape.actions) actions.push([key, entry]);
      else if (!(key in shape.common)) {
        unknown++;
        this.#unknownField(key, entry, shape.what, known, shape.synonyms);
      }
    }
    const [first, second] = actions;
    if (second) {
      this.#context.problems.error(
        this.#at(second[1].key),
        `${shape.what} does one thing, but this one has ${enumerate(
          actions.map(([key]) => key),
          'and',
        )}`,
        'make a list entry ("- …") for each',
      );
    }
    const common = this.#fields(node, entries, shape.common, shape.what);
    if (!first) {
      if (unknown === 0) {
        this.#context.problems.error(
          this.#at(node),
          `${shape.what} must say what to do`,
          `expected one of ${enumerate(Object.keys(shape.actions), 'or')}`,
        );
      }
      return undefined;
    }
    const [name, entry] = first;
    const value = this.read(entry.value ?? entry.key, shape.actions[name]!.shape, name);
    if (value === undefined || common === undefined) return undefined;
    const result = { action: name, value, common };
    this.#context.places.remember(result, this.#at(node), new Map([['value', this.#at(entry.value)]]));
    return result;
  }

  #oneOf(node: Node, shape: OneOfShape, what: string): unknown {
    if (isNothing(node) && allowsNothing(shape)) return null;
    const list = shape.of.find((one) => one.kind === 'list' && one.byReference);
    if (list && this.#listReference(node)) return this.#untagged(node, list, what);
    const fitting = shape.of.filter((one) => {
      if (isSeq(node)) return one.kind === 'list';
      if (isMap(node)) return one.kind === 'record' || one.kind === 'named' || one.kind === 'action';
      return !['list', 'record', 'named', 'action', 'nothing'].includes(one.kind);
    });
    const [only] = fitting;
    if (!only || (isScalar(node) && node.value === null)) return this.#mismatch(node, shape, what);
    // What is no switch is most likely meant for another way to write it.
    if (only.kind === 'switch' && isScalar(node) && !isSwitchOrReference(node))
      return this.#mismatch(node, shape, what);
    return this.#untagged(node, only, what);
  }

  #fields(
    node: YAMLMap,
    entries: ReadonlyMap<string, Entry>,
    fields: Fields,
    what: string,
  ): Record<string, unknown> | undefined {
    const values: Record<string, unknown> = {};
    const members = new Map<string, SourceLocation>();
    let whole = true;
    for (const [name, field] of Object.entries(fields)) {
      if (field.separate) continue;
      const entry = entries.get(name);
      if (!entry) {
        if (!field.required) continue;
        whole = false;
        this.#context.problems.error(this.#at(node), `${what} needs "${name}"`, field.description);
        continue;
      }
      const outer = this.#field;
      this.#field = field;
      const value = this.read(entry.value ?? entry.key, field.shape, name);
      this.#field = outer;
      members.set(name, this.#at(entry.value ?? entry.key));
      if (value !== undefined) values[name] = value;
      else if (field.required) whole = false;
    }
    this.#context.places.remember(values, this.#at(node), members);
    return whole ? values : undefined;
  }

  #unknownField(
    key: string,
    entry: Entry,
    what: string,
    known: readonly string[],
    synonyms: Readonly<Record<string, string>>,
  ): void {
    const synonym = synonyms[key];
    const hint =
      synonym !== undefined
        ? `here it is called "${synonym}"`
        : (didYouMean(key, known) ?? `it knows ${enumerate(known, 'and')}`);
    this.#context.problems.error(this.#at(entry.key), `${what} has no field "${key}"`, hint);
  }

  #scalar(node: Scalar, shape: Shape, what: string): unknown {
    if (node.value instanceof Uint8Array) {
      this.#context.problems.error(
        this.#at(node),
        `${what}: found bytes ("!!binary"), expected ${expectationOf(shape)}`,
        'take the tag out, and say that it is base64 where there is a field for that',
      );
      return undefined;
    }
    const written = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    const isScript = (shape.kind === 'text' || shape.kind === 'notation') && (shape.script ?? false);
    const { text, changed, problems } = fillText(node, written, isScript, this.#context);
    if (problems) return undefined;
    const isText = typeof node.value === 'string';
    switch (shape.kind) {
      case 'text':
        return text;
      case 'whole-number': {
        const number = (!isText || changed) && /^\d+$/.test(text) ? Number(text) : Number.NaN;
        return number >= shape.min && number <= shape.max ? number : this.#mismatch(node, shape, what);
      }
      case 'switch':
        if ((typeof node.value === 'boolean' || changed) && /^(?:true|false)$/i.test(text)) {
          return text.toLowerCase() === 'true';
        }
        return this.#mismatch(node, shape, what);
      case 'choice':
        return shape.choices.includes(text)
          ? text
          : this.#mismatch(node, shape, what, nearest(text, shape.choices));
      case 'notation':
        return this.#notation(node, text, changed, shape, what);
      default:
        return this.#mismatch(node, shape, what);
    }
  }

  #notation(node: Scalar, text: string, changed: boolean, shape: NotationShape, what: string): unknown {
    const isNumber = typeof node.value === 'number' && !changed;
    const value = (isNumber && shape.whenNumber?.(text)) || shape.parse(text);
    if (value === undefined) return this.#mismatch(node, shape, what);
    if (typeof value === 'object' && value !== null && 'problem' in value) {
      const { problem, hint } = value as NotationProblem;
      this.#context.problems.error(this.#at(node), `${what}: ${problem}`, hint ?? this.#explanation());
      return undefined;
    }
    return value;
  }

  #mismatch(node: unknown, shape: Shape, what: string, guess?: string): undefined {
    this.#context.problems.error(
      this.#at(node),
      `${what}: found ${describeNode(node)}, expected ${expectationOf(shape)}`,
      guess === undefined ? this.#explanation() : `did you mean "${guess}"?`,
    );
    return undefined;
  }

  #explanation(): string | undefined {
    if (this.#context.hint === undefined || !this.#field) return this.#context.hint;
    const { description, examples } = this.#field;
    const example = examples?.[0];
    if (example === undefined) return description;
    const written = typeof example === 'string' ? example : JSON.stringify(example);
    return `${description.replace(/\.$/, '')}, such as ${written}`;
  }

  #entries(node: YAMLMap): ReadonlyMap<string, Entry> {
    return readEntries(node, {
      at: (inner) => this.#at(inner),
      follow: (inner) => this.#follower.follow(inner),
      problems: this.#context.problems,
    });
  }

  #at(node: unknown): SourceLocation {
    const range = (node as Node | null | undefined)?.range;
    return this.#context.yaml.locate(range?.[0] ?? 0);
  }
}

const resetTag = '!reset';

function isNothing(node: Node): boolean {
  return isScalar(node) && node.value === null;
}

function allowsNothing(shape: Shape): boolean {
  if (shape.kind === 'resettable') return allowsNothing(shape.of);
  return shape.kind === 'nothing' || (shape.kind === 'one-of' && shape.of.some(allowsNothing));
}

function isSwitchOrReference({ value }: Scalar): boolean {
  return typeof value === 'boolean' || (typeof value === 'string' && value.includes('${'));
}
