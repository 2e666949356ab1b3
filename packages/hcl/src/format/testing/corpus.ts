import { readdirSync, readFileSync } from 'node:fs';

export interface FormatCase {
  /** Such as `heredocs 3`. */
  readonly name: string;
  readonly input: string;
  /** What hclwrite.Format makes of it. */
  readonly formatted: string;
}

/** The cases in corpus/*.txt, which hold the results of hclwrite 2.19.1 (of our own code for `::`, which is newer). */
export function corpus(): FormatCase[] {
  const folder = new URL('./corpus/', import.meta.url);
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const parts = readFileSync(new URL(file, folder), 'utf8').split('=== next\n');
      return parts.map((part, index) => {
        const [input = '', formatted = ''] = part.split('--- formatted\n');
        return { name: `${file.replace('.txt', '')} ${index + 1}`, input, formatted };
      });
    });
}
