import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { SourceLocation } from '../errors.ts';
import { didYouMean, nearest } from '../suggest.ts';
import { type Entry, readEntries } from './entries.ts';
import { interpolate, type Scope } from './interpolate.ts';
import type { Places } from './places.ts';
import type { Problems } from './problems.ts';
import type {
  ActionShape,
  Fields,
  Infer,
  ListShape,
  NamedShape,
  NotationShape,
  OneOfShape,
  RecordShape,
  Shape,
  TextShape,
} from './shape.ts';
import { describeNode, enumerate, expectationOf } from './words.ts';
import type { YamlDocument } from './yaml-document.ts';

export interface ReadContext {
  readonly yaml: YamlDocument;
  readonly scope: Scope;
  readonly problems: Problems;
  readonly places: Places;
}

/** More aliases than anybody writes; a file that expands without end runs into it. */
const mostAliases = 1000;
/** The same for what they expand to: a thousand times a long list is as good as no end. */
const mostValues = 100_000;

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
  #aliases = 0;
  #values = 0;

  constructor(context: ReadContext) {
    this.#context = context;
  }

  read(node: unknown, shape: Shape, what: string): unknown {
    const value = this.#follow(node);
    if (value === undefined || this.#isTooMuch(node)) return undefined;
    switch (shape.kind) {
      case 'list':
        return isSeq(value) ? this.#list(value, shape, what) : this.#mismatch(value, shape, what);
      case 'named':
        return isMap(value) ? this.#named(value, shape, what) : this.#mismatch(value, shape, what);
      case 'record':
        return isMap(value) ? this.#record(value, shape) : this.#mismatch(value, shape, what);
      case 'action':
        return isMap(value) ? this.#action(value, shape) : this.#mismatch(value, shape, what);
      case 'one-of':
        return this.#oneOf(value, shape, what);
      default:
        return isScalar(value) && value.value !== null
          ? this.#scalar(value, shape, what)
          : this.#mismatch(value, shape, what);
    }
  }

  #list(node: YAMLSeq, shape: ListShape, what: string): unknown {
    const values: unknown[] = [];
    const members = new Map<number, SourceLocation>();
    node.items.forEach((item, index) => {
      const value = this.read(item, shape.of, `entry ${index + 1} of ${what}`);
      if (value === undefined) return;
      members.set(values.length, this.#at(item));
      values.push(value);
    });
    this.#context.places.remember(values, this.#at(node), members);
    return values;
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
      const value = this.read(entry.value ?? entry.key, shape.of, `${what}.${key}`);
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
    const fitting = shape.of.filter((one) => {
      if (isSeq(node)) return one.kind === 'list';
      if (isMap(node)) return one.kind === 'record' || one.kind === 'named' || one.kind === 'action';
      return !['list', 'record', 'named', 'action'].includes(one.kind);
    });
    const [only] = fitting;
    if (!only || (isScalar(node) && node.value === null)) return this.#mismatch(node, shape, what);
    // What is no switch is most likely meant for another way to write it.
    if (only.kind === 'switch' && isScalar(node) && !isSwitchOrReference(node))
      return this.#mismatch(node, shape, what);
    return this.read(node, only, what);
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
      const value = this.read(entry.value ?? entry.key, field.shape, name);
      if (value !== undefined) {
        values[name] = value;
        members.set(name, this.#at(entry.value ?? entry.key));
      } else if (field.required) whole = false;
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
    const written = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    const { text, changed, problems } = this.#fill(node, written, shape.kind === 'text' ? shape : undefined);
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
        return this.#notation(node, text, shape, what);
      default:
        return this.#mismatch(node, shape, what);
    }
  }

  #notation(node: Scalar, text: string, shape: NotationShape, what: string): unknown {
    const value = shape.parse(text);
    if (value === undefined) return this.#mismatch(node, shape, what);
    if (typeof value === 'object' && value !== null && 'problem' in value) {
      const { problem, hint } = value as { problem: string; hint?: string };
      this.#context.problems.error(this.#at(node), `${what}: ${problem}`, hint);
      return undefined;
    }
    return value;
  }

  #fill(node: Scalar, written: string, shape: TextShape | undefined) {
    const script = shape?.script ?? false;
    const filled = interpolate(written, this.#context.scope, script);
    let from = 0;
    for (const problem of filled.problems) {
      const { at, next } = this.#placeOf(
        node,
        problem.kind === 'unknown' ? `\${${problem.reference}}` : problem.reference,
        from,
      );
      from = next;
      if (this.#context.scope.fixed) {
        this.#context.problems.error(
          at,
          "a variable's value cannot take other variables",
          'write "$${" for a plain "${"',
        );
      } else if (problem.kind === 'unknown') {
        const guess = nearest(problem.reference, [
          ...this.#context.scope.values.keys(),
          ...this.#context.scope.unset,
        ]);
        this.#context.problems.error(
          at,
          `there is no variable "${problem.reference}"`,
          guess !== undefined
            ? `did you mean "\${${guess}}"?`
            : script
              ? `declare it under "variables:", or write "$\${${problem.reference}}" for the shell's own`
              : 'declare it under "variables:"',
        );
      } else {
        this.#context.problems.error(
          at,
          `"${problem.reference}" is not a variable`,
          'a variable is "${name}"; write "$${" for a plain "${"',
        );
      }
    }
    return {
      text: filled.text,
      changed: filled.changed,
      problems: filled.problems.length > 0 || filled.incomplete,
    };
  }

  /** Place of a piece of a text, also in a block text whose indentation is not part of the value. */
  #placeOf(node: Scalar, piece: string, from: number): { at: SourceLocation; next: number } {
    const [start, end] = node.range ?? [0, 0];
    const found = this.#context.yaml.text.indexOf(piece, Math.max(from, start));
    const offset = found < 0 || found > end ? start : found;
    return { at: this.#context.yaml.locate(offset), next: offset + piece.length };
  }

  #mismatch(node: unknown, shape: Shape, what: string, guess?: string): undefined {
    this.#context.problems.error(
      this.#at(node),
      `${what}: found ${describeNode(node)}, expected ${expectationOf(shape)}`,
      guess === undefined ? undefined : `did you mean "${guess}"?`,
    );
    return undefined;
  }

  #entries(node: YAMLMap): ReadonlyMap<string, Entry> {
    return readEntries(node, {
      at: (inner) => this.#at(inner),
      follow: (inner) => this.#follow(inner),
      problems: this.#context.problems,
    });
  }

  #isTooMuch(node: unknown): boolean {
    this.#values++;
    if (this.#values === mostValues + 1) {
      this.#context.problems.error(
        this.#at(node),
        `the file has more than ${mostValues} values, with what its aliases repeat`,
        'use fewer aliases of long lists',
      );
    }
    return this.#values > mostValues;
  }

  #follow(node: unknown): Node | undefined {
    if (!isAlias(node)) return node as Node;
    this.#aliases++;
    if (this.#aliases > mostAliases) {
      if (this.#aliases === mostAliases + 1) {
        this.#context.problems.error(
          this.#at(node),
          `the file uses aliases (*name) more than ${mostAliases} times`,
          'write the parts out, or use fewer levels of aliases',
        );
      }
      return undefined;
    }
    const found = node.resolve(this.#context.yaml.document);
    if (!found) {
      this.#context.problems.error(
        this.#at(node),
        `there is no anchor "&${node.source}" before this alias`,
        'an alias (*name) repeats what an anchor (&name) further up has marked',
      );
    }
    return found;
  }

  #at(node: unknown): SourceLocation {
    const range = (node as Node | null | undefined)?.range;
    return this.#context.yaml.locate(range?.[0] ?? 0);
  }
}

function isSwitchOrReference({ value }: Scalar): boolean {
  return typeof value === 'boolean' || (typeof value === 'string' && value.includes('${'));
}
