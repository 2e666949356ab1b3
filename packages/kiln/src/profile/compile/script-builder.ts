import { shellQuote } from '../../guests/shell-quote.ts';
import { describeResource, type ResourceReference } from './compiled-profile.ts';

/** Puts a script together: libraries first, then resources in order. */
export class ScriptBuilder {
  readonly #libraries = new Set<string>();
  readonly #parts: string[] = [];
  readonly #resources: ResourceReference[] = [];
  readonly #numbers = new Map<string, number>();
  #barriers: readonly number[] = [];

  /** Functions that what follows uses. They come in the order in which they were asked for. */
  use(library: string): void {
    this.#libraries.add(library);
  }

  /** A number for a resource, whose part of the script is written by somebody else. */
  number(resource: ResourceReference): number {
    this.#resources.push(resource);
    const number = this.#resources.length;
    const key = describeResource(resource);
    if (!this.#numbers.has(key)) this.#numbers.set(key, number);
    return number;
  }

  /**
   * A resource. It is skipped when one of those that it needs has failed.
   * @param commands what compares and, when `changing` says so, changes; each may have several lines
   * @param needs resources; those that the profile does not have count for nothing
   */
  resource(
    resource: ResourceReference,
    commands: readonly string[],
    needs: readonly ResourceReference[] = [],
  ): number {
    const wanted = needs.map((one) => this.numberOf(one)).filter((number) => number !== undefined);
    const number = this.number(resource);
    const label = shellQuote(describeResource(resource));
    const words = ['begin', number, label, ...new Set([...this.#barriers, ...wanted])].join(' ');
    const lines = [...commands, 'end'].map((line) => `  ${line}`);
    this.write([`if ${words}; then`, ...lines, 'fi'].join('\n'));
    return number;
  }

  /** Everything that follows is skipped when one of these has failed. */
  barrier(numbers: readonly number[]): void {
    this.#barriers = [...this.#barriers, ...numbers];
  }

  get barriers(): readonly number[] {
    return this.#barriers;
  }

  numberOf(resource: ResourceReference): number | undefined {
    return this.#numbers.get(describeResource(resource));
  }

  write(text: string): void {
    this.#parts.push(text);
  }

  get resources(): readonly ResourceReference[] {
    return this.#resources;
  }

  /** @param contents functions that print contents */
  text(header: string, core: string, contents: string): string {
    const libraries = [core, ...this.#libraries].map((library) => library.trim());
    return `${[header.trim(), ...libraries, contents, ...this.#parts, 'conclude'].filter((part) => part !== '').join('\n\n')}\n`;
  }
}

/** A command of shell with its words quoted. */
export function command(...words: readonly (string | number)[]): string {
  return words.map((word) => (word === '' ? "''" : shellQuote(String(word)))).join(' ');
}
