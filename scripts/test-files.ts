import { globSync } from 'node:fs';

/**
 * Which tests there are. Those that boot machines, that run Kiln beside a peer's program on the same input, or that
 * simply take long (more than about five seconds a file), are told by their names; everything else is quick.
 */
export interface TestFiles {
  /** Of the packages that stand alone: they touch nothing but values, so that one process can run them all. */
  readonly alone: readonly string[];
  readonly unit: readonly string[];
  readonly long: readonly string[];
  readonly peer: readonly string[];
  readonly machine: readonly string[];
}

export function testFiles(root: string): TestFiles {
  const all = globSync(['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts'], { cwd: root }).sort();
  const special = (file: string) => /\.(vm|peer|long)\.test\.ts$/.exec(file)?.[1];
  const quick = all.filter((file) => special(file) === undefined);
  const isAlone = (file: string) => /^packages\/(hcl|gotemplate|diskimage)\//.test(file);
  return {
    alone: quick.filter(isAlone),
    unit: quick.filter((file) => !isAlone(file)),
    long: all.filter((file) => special(file) === 'long'),
    peer: all.filter((file) => special(file) === 'peer'),
    machine: all.filter((file) => special(file) === 'vm'),
  };
}
