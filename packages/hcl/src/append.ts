/** Adds all items to a list. Unlike `push(...items)`, this works for any number of them. */
export function append<T>(list: T[], items: Iterable<T>): void {
  for (const item of items) list.push(item);
}
