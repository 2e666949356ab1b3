/** One word is a snapshot of all machines of the project; of two the first is a machine. */
export function snapshotWords(words: readonly string[]): {
  readonly machines: readonly string[];
  readonly name: string;
} {
  const [first, second] = words;
  return second === undefined ? { machines: [], name: first! } : { machines: [first!], name: second };
}
