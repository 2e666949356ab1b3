import { tokensOf } from './tokens.ts';

/**
 * A shorter text that still `fails`: parts are left out as long as that works, large ones first, then lines, words and
 * characters. Ends after `budget` milliseconds with the shortest found.
 */
export async function shrink(
  text: string,
  fails: (text: string) => Promise<boolean>,
  budget: number,
): Promise<string> {
  const deadline = performance.now() + budget;
  let best = text;
  for (const cut of [linesOf, tokensOf, (one: string) => [...one]]) {
    let parts = cut(best);
    for (let size = Math.ceil(parts.length / 2); size >= 1; ) {
      const before = parts.length;
      for (let at = 0; at < parts.length && performance.now() < deadline; ) {
        const fewer = parts.toSpliced(at, size);
        if (await fails(fewer.join(''))) parts = fewer;
        else at += size;
      }
      if (performance.now() >= deadline) return parts.join('');
      // Once more with the smallest size when it has helped: what one part needed may be gone now.
      if (size === 1 && parts.length === before) break;
      size = size === 1 ? 1 : Math.ceil(size / 2);
    }
    best = parts.join('');
  }
  return best;
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
