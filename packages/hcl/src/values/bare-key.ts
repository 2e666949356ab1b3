import { isIdentifier } from '../syntax/characters.ts';

/** Names that mean something else where an object begins or a key is read. */
const reserved: ReadonlySet<string> = new Set(['for', 'null', 'true', 'false']);

/** Whether a key of an object can stand without quotes. */
export function isBareKey(key: string): boolean {
  return isIdentifier(key) && !reserved.has(key);
}
