import { readFileSync } from 'node:fs';

export interface ReadmeExample {
  /** The heading it stands under. */
  readonly heading: string;
  /** A program in TypeScript. */
  readonly program: string;
  /** What it prints. */
  readonly output: string;
}

/** The programs of the README and what stands after each as its output. */
export function readmeExamples(): ReadmeExample[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  return readme.split(/^## /m).flatMap((section) => {
    const heading = section.slice(0, section.indexOf('\n'));
    const blocks = section.matchAll(/^```ts\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```$/gm);
    return [...blocks].map(([, program = '', output = '']) => ({ heading, program, output }));
  });
}
