import { didYouMean } from '../../../base/suggest.ts';
import type { Problems } from '../problems.ts';
import type { BuildBlock, SourceUse } from './build-blocks.ts';
import { buildName } from './compile-build.ts';
import { compileGlob } from './glob.ts';

/** Which builds and post-processors the command line wants: patterns as in glob.ts. */
export interface Selection {
  readonly only: readonly string[];
  readonly except: readonly string[];
}

/** One source of a build that is to be compiled. */
export interface SelectedBuild {
  readonly build: BuildBlock;
  readonly use: SourceUse;
  /** Unique in the template. */
  readonly name: string;
}

/**
 * The builds that the command line has chosen. As with Packer, a pattern that matches nothing is only worth a warning,
 * unless nothing is left to build; and one of `except` may be for post-processors.
 */
export function selectBuilds(
  builds: readonly BuildBlock[],
  { only, except }: Selection,
  postProcessors: ReadonlySet<string>,
  file: string,
  problems: Problems,
): readonly SelectedBuild[] {
  const all = everyBuild(builds);
  const at = { file, line: 1, column: 1 };
  const names = all.map(({ build, use }) => buildName(build, use));
  const matcher = (option: string, patterns: readonly string[], others: Iterable<string>) => {
    const globs = patterns.flatMap((pattern) => {
      const glob = compileGlob(pattern);
      if (!glob) problems.error(at, `-${option}: "${pattern}" is no pattern of names`);
      else if (![...names, ...others].some((name) => glob.test(name))) {
        const hint =
          didYouMean(pattern, names) ?? `the builds are ${names.join(', ')}; * stands for any letters`;
        problems.warn(at, `-${option}: no build is named "${pattern}"`, hint);
      }
      return glob ?? [];
    });
    return (name: string): boolean => globs.some((glob) => glob.test(name));
  };
  const isWanted = matcher('only', only, []);
  const isUnwanted = matcher('except', except, postProcessors);
  const selected = all.filter(({ build, use }) => {
    const name = buildName(build, use);
    return (only.length === 0 || isWanted(name)) && !isUnwanted(name);
  });
  if (selected.length === 0 && all.length > 0) {
    problems.error(at, 'nothing is left to build', `the builds are ${names.join(', ')}`);
  }
  return selected;
}

function everyBuild(builds: readonly BuildBlock[]): readonly SelectedBuild[] {
  const taken = new Set<string>();
  return builds.flatMap((build) =>
    build.uses.map((use) => {
      const base = buildName(build, use);
      let name = base;
      for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
      taken.add(name);
      return { build, use, name };
    }),
  );
}

/** Whether the command line leaves a post-processor out, by its name or type. */
export function leftOut({ except }: Selection): (name: string) => boolean {
  const globs = except.flatMap((pattern) => compileGlob(pattern) ?? []);
  return (name) => globs.some((glob) => glob.test(name));
}
