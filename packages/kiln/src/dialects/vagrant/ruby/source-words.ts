/**
 * Ruby's ways to the words of the command line. An array cannot be watched reliably, so the source is looked through;
 * finding too much only costs an evaluation.
 */
const waysToWords = /\bARGV\b|\bARGF\b|\$\*|OptionParser|GetoptLong|\$<|\bgets\b/;

export function sourceReadsWords(sources: Iterable<string>): boolean {
  for (const source of sources) if (waysToWords.test(source)) return true;
  return false;
}
