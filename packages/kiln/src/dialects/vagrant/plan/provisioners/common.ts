import { existsSync } from 'node:fs';
import type { SourceLocation } from '../../../../base/errors.ts';
import type { Copy, Variables } from '../../../../plan/copy.ts';
import { mapOf, textOr, textsOf } from '../../finish/coerce.ts';
import { onHost, type Planning } from '../planning.ts';

/** What every step has; provisioners of Vagrant have no pauses, timeouts or retries. */
export function stepBase(at: SourceLocation) {
  return { pauseBefore: 0, timeout: 0, maxRetries: 0, at } as const;
}

/** A setting that is a text or nothing; an empty text is nothing. */
export function given(value: unknown): string | undefined {
  const text = textOr(value);
  return text === undefined || text === '' ? undefined : text;
}

/** A setting that takes one text or several. */
export function several(value: unknown): readonly string[] {
  if (value === null || value === undefined || value === false) return [];
  return Array.isArray(value) ? textsOf(value) : [String(value)].filter((text) => text !== '');
}

/** A hash as variables. */
export function variablesOf(value: unknown): Variables {
  return Object.entries(mapOf(value)).map(([name, one]) => [
    name,
    one === null || one === undefined ? '' : String(one),
  ]);
}

/** Where something is: `host` or `vm`, and a path there. */
export function placeOf(value: unknown): readonly [where: string, path: string] | undefined {
  return Array.isArray(value) && typeof value[1] === 'string' ? [String(value[0]), value[1]] : undefined;
}

/** Collects what is brought from the host into the machine. */
export class Luggage {
  readonly copies: Copy[] = [];
  readonly #planning: Planning;
  readonly #at: SourceLocation;

  constructor(planning: Planning, at: SourceLocation) {
    this.#planning = planning;
    this.#at = at;
  }

  /** Brings a path of the host, which has this name in the machine. Undefined when there is none. */
  bring(path: string | undefined, name: string): string | undefined {
    if (path === undefined) return undefined;
    this.copies.push({ from: onHost(this.#planning, path), to: name });
    return name;
  }

  /** The same for folders on either side; those that the host does not have are left out, with a warning. */
  bringFolders(places: unknown, name: string): readonly string[] {
    if (!Array.isArray(places)) return [];
    return places.flatMap((value, index) => {
      const place = placeOf(value);
      if (place === undefined) return [];
      const [where, path] = place;
      if (where !== 'host') return [path];
      if (!existsSync(onHost(this.#planning, path))) {
        this.#planning.warn(`there is no folder ${path}; it is left out`, this.#at);
        return [];
      }
      return this.bring(path, `${name}-${index}`) ?? [];
    });
  }
}
