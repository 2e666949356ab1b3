import { graphemeSegments } from '../../diagnostics/graphemes.ts';

/**
 * Splits a text into what readers see as characters (grapheme clusters), by the rules of Unicode 13, which are those
 * that Packer's functions count by.
 */
export function graphemes(text: string): string[] {
  // Of ASCII only a line break of two characters is one cluster.
  if (/^[\x00-\x7f]*$/.test(text)) return text.match(/\r\n|./gs) ?? [];
  const clusters: string[] = [];
  for (const { segment } of graphemeSegments(text)) {
    // Newer versions of Unicode keep Indic consonants together that are joined by a virama.
    if (indic.test(segment)) clusters.push(...segment.split(indic));
    else clusters.push(segment);
  }
  return clusters;
}

/** The two exceptions, of Thai and Lao, are letters that belong to what is before them. */
const indic = /(?<=[\p{M}\u200d])(?=[\p{Lo}--[\u0e33\u0eb3]])/v;

export function graphemeCount(text: string): number {
  return graphemes(text).length;
}
