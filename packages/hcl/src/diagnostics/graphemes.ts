let segmenter: Intl.Segmenter | undefined;

/** The grapheme clusters of a text. Only texts beyond ASCII are worth the time that making the segmenter takes. */
export function graphemeSegments(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}
