import {
  callFunction,
  childrenOf,
  containsMark,
  dynamicType,
  formatDecimal,
  type HclFunction,
  sensitiveMark,
  type Value,
} from '@kiln/hcl';

/** A shorter text stands in others by chance, and says nothing of what else is in them. */
const leastCover = 4;

/**
 * Gathers the texts that may not be shown: the values of what is sensitive and what functions make of them.
 * A text that only contains a known secret is none itself: hiding the part is enough, and hiding every line of a
 * script around it would leave nothing to read.
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
    if (value.kind === 'string') this.#add(value.value);
    if (value.kind === 'number') this.#add(formatDecimal(value.value));
    for (const child of childrenOf(value)) this.addAll(child);
  }

  /**
   * The texts in a value that carry the mark of secrets. Those that stand in `written` are there for everybody to read,
   * such as the choices of a condition.
   */
  addDerived(value: Value, written = ''): void {
    this.#addDerived(value, written, false);
  }

  #addDerived(value: Value, written: string, isInside: boolean): void {
    const isSecret = isInside || value.marks.has(sensitiveMark);
    if (isSecret && value.kind === 'string' && !this.#covers(value.value) && !written.includes(value.value)) {
      this.#add(value.value);
    }
    for (const child of childrenOf(value)) this.#addDerived(child, written, isSecret);
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
        if (containsMark(result, sensitiveMark)) this.addDerived(result);
        return result;
      },
    };
  }

  #covers(text: string): boolean {
    for (const known of this.#texts) if (known.length >= leastCover && text.includes(known)) return true;
    return false;
  }

  #add(text: string): void {
    if (text === '' || this.#texts.has(text)) return;
    this.#texts.add(text);
    this.#onNew(text);
  }
}
