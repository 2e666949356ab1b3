import {
  callFunction,
  childrenOf,
  containsMark,
  dynamicType,
  formatDecimal,
  type HclFunction,
  mapChildren,
  sensitiveMark,
  stringValue,
  type Value,
} from '@kiln/hcl';

/** Shorter texts stand in others by chance, and give away little of what they were made of. */
const leastLength = 4;

/**
 * Gathers the texts that may not be shown: the values of what is sensitive and what functions make of them.
 * A text that contains the secrets it was made of as they are is none itself: hiding these is enough, and hiding every
 * line of a script around them would leave nothing to read.
 */
export class SecretValues {
  readonly #texts: Set<string>;
  readonly #onNew: (text: string) => void;

  /** Begins with the secrets that are known; `onNew` is told of each further one. */
  constructor(known: Iterable<string> = [], onNew: (text: string) => void = () => {}) {
    this.#texts = new Set(known);
    this.#onNew = onNew;
  }

  get texts(): readonly string[] {
    return [...this.#texts];
  }

  /** A value that is secret as a whole, with numbers in it. */
  addAll(value: Value): void {
    for (const text of textsIn(value)) this.#add(text);
  }

  /**
   * The texts in a value that carry the mark of secrets. Those that stand in `written` are there for everybody to read,
   * such as the choices of a condition.
   */
  addDerived(value: Value, written = ''): void {
    for (const text of markedTexts(value)) {
      if (text.length >= leastLength && !this.#covers(text) && !written.includes(text)) this.#add(text);
    }
  }

  /** The functions, watched for what they make of secrets. */
  watch(functions: ReadonlyMap<string, HclFunction>): ReadonlyMap<string, HclFunction> {
    return new Map([...functions].map(([name, one]) => [name, this.#watched(one)]));
  }

  #watched(original: HclFunction): HclFunction {
    const open = { allowNull: true, allowUnknown: true, allowDynamic: true, allowMarked: true };
    return {
      ...original,
      parameters: original.parameters.map((parameter) => ({ ...parameter, ...open })),
      ...(original.rest && { rest: { ...original.rest, ...open } }),
      resultType: () => dynamicType,
      call: (args) => {
        const result = callFunction(original, args);
        if (containsMark(result, sensitiveMark)) this.#addMade(original, args, result);
        return result;
      },
    };
  }

  #addMade(original: HclFunction, args: readonly Value[], result: Value): void {
    const from = args
      .flatMap((arg) => [...markedTexts(arg)])
      .flatMap((text) => this.#secretsIn(text))
      .filter((text) => text.length > 1);
    if (from.length === 0) return;
    const keys = new Set(args.flatMap(keysIn));
    for (const text of markedTexts(result)) {
      const isOpen = text.length < leastLength || keys.has(text) || from.every((one) => text.includes(one));
      if (isOpen || this.#texts.has(text)) continue;
      const pieces = text.includes('\n') ? this.#ownLines(text, original, args) : [text];
      for (const piece of pieces) this.#add(piece);
    }
  }

  /**
   * The lines of a function's result that would be other ones with other secrets; the whole text when that is unclear.
   */
  #ownLines(text: string, original: HclFunction, args: readonly Value[]): readonly string[] {
    let other: Value;
    try {
      other = callFunction(
        original,
        args.map((arg) => this.#disguised(arg, false)),
      );
    } catch {
      return [text];
    }
    if (other.kind !== 'string') return [text];
    const shared = new Set(other.value.split('\n'));
    return text.split('\n').filter((line) => !shared.has(line));
  }

  /** The value with other secrets. */
  #disguised(value: Value, isInside: boolean): Value {
    const isSecret = isInside || value.marks.has(sensitiveMark);
    if (value.kind !== 'string') return mapChildren(value, (child) => this.#disguised(child, isSecret));
    if (!isSecret) return value;
    const text = this.#secretsIn(value.value).reduce(
      (rest, one) => rest.replaceAll(one, one.replace(/[^\n]/g, 'z')),
      value.value,
    );
    return { ...stringValue(text), marks: value.marks };
  }

  /** What is secret in a secret text: the known secrets that it was put together from, or all of it. */
  #secretsIn(text: string): readonly string[] {
    const known = [...this.#texts].filter((one) => one.length >= leastLength && text.includes(one));
    return known.length > 0 ? known : [text];
  }

  #covers(text: string): boolean {
    return this.#secretsIn(text)[0] !== text || this.#texts.has(text);
  }

  #add(text: string): void {
    if (text === '' || this.#texts.has(text)) return;
    this.#texts.add(text);
    this.#onNew(text);
  }
}

/** Texts and numbers anywhere in a value. */
function* textsIn(value: Value): Generator<string> {
  if (value.kind === 'string') yield value.value;
  if (value.kind === 'number') yield formatDecimal(value.value);
  for (const child of childrenOf(value)) yield* textsIn(child);
}

/** Those of them that are marked, by themselves or with what they are in. */
function* markedTexts(value: Value): Generator<string> {
  if (value.marks.has(sensitiveMark)) yield* textsIn(value);
  else for (const child of childrenOf(value)) yield* markedTexts(child);
}

/** Names of attributes and keys anywhere in a value. */
function keysIn(value: Value): readonly string[] {
  const own = value.kind === 'map' || value.kind === 'object' ? [...value.entries.keys()] : [];
  return [...own, ...[...childrenOf(value)].flatMap(keysIn)];
}
