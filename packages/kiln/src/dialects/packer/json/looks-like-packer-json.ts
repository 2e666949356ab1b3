/**
 * A quick look at a file's text: is it a Packer template in JSON? Broken templates count too, so that the reader
 * can say what is wrong with them.
 */
export function looksLikePackerJson(text: string): boolean {
  if (!/^\uFEFF?\s*(?:\{|\/[/*]|#)/.test(text)) return false;
  return /"builders"\s*:/.test(text);
}
