import { didYouMean } from '../../base/suggest.ts';
import type { ComponentContext } from './component-context.ts';
import type { MapEntry, MapNode } from './value-node.ts';
import { type ValueTyping, weakTyping } from './value-typing.ts';

/** An option as it was found, with how its language wants values to be read. */
export interface FoundOption extends MapEntry {
  readonly typing: ValueTyping;
}

/** Finds the options of a component by their names, and knows which of them nobody has asked for. */
export class OptionFinder {
  readonly #maps: readonly MapNode[];
  readonly #context: ComponentContext;
  readonly #asked = new Set<string>();
  readonly #used = new Set<string>();

  constructor(maps: readonly MapNode[], context: ComponentContext) {
    this.#maps = maps;
    this.#context = context;
  }

  /** Names that somebody has read in another way. */
  skip(names: readonly string[]): void {
    for (const name of names) this.#used.add(name.toLowerCase());
  }

  /** All that have a name; later maps win. What is not written in the form that is wanted is told and left out. */
  all(name: string, form: MapEntry['form'] = 'attribute'): readonly FoundOption[] {
    this.#asked.add(name);
    this.#used.add(name);
    return this.#maps.flatMap((map) => {
      const typing = map.isWeak ? weakTyping : this.#context.typing;
      const named = map.entries.filter((entry) => entry.key === name);
      const found =
        named.length === 0 && typing.ignoresCase
          ? map.entries.filter((entry) => entry.key.toLowerCase() === name)
          : named;
      return found.flatMap((entry) => (this.#isWritten(entry, form) ? [{ ...entry, typing }] : []));
    });
  }

  find(name: string): FoundOption | undefined {
    return this.all(name).at(-1);
  }

  typingOf(name: string): ValueTyping {
    return this.find(name)?.typing ?? this.#context.typing;
  }

  /** An old name is nothing to suggest to anybody. */
  dontSuggest(name: string): void {
    this.#asked.delete(name);
  }

  /** The options that nothing has asked for, each with what may have been meant. */
  *unused(): Iterable<MapEntry & { readonly hint: string | undefined }> {
    for (const map of this.#maps) {
      const { ignoresCase } = map.isWeak ? weakTyping : this.#context.typing;
      for (const entry of map.entries) {
        const { key } = entry;
        const name = ignoresCase ? key.toLowerCase() : key;
        if (this.#used.has(name) || name.startsWith('packer_')) continue;
        const comment = 'only the outermost object of a template can have comments';
        const hint = didYouMean(key, this.#asked) ?? (key.startsWith('_') ? comment : undefined);
        yield { ...entry, hint };
      }
    }
  }

  /** Says so when a block stands where an attribute belongs, or the other way around. */
  #isWritten({ key, keyAt, form: written }: MapEntry, form: MapEntry['form']): boolean {
    if (written === undefined || written === form) return true;
    const { problems } = this.#context;
    if (form === 'block') problems.error(keyAt, `"${key}" is a block`, `write ${key} { … }`);
    else problems.error(keyAt, `"${key}" is not a block`, `write ${key} = …`);
    return false;
  }
}
