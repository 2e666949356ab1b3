import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Aspect, PathType } from '../files/observe.ts';
import type { RawPlace } from '../ruby/messages.ts';
import type { MachineProblems } from './machine-problems.ts';

/** What is needed to finish and check one machine's configuration. */
export interface MachineContext {
  readonly machine: string;
  readonly provider: string;
  /** The folder of the Vagrantfile. */
  readonly folder: string;
  readonly problems: MachineProblems;
  /** What stands at a path; remembered as something the result depends on. */
  readonly typeOf: (path: string) => PathType;
}

/** A path of the host as a Vagrantfile writes it. */
export function hostPath(context: MachineContext, path: string): string {
  return resolve(
    context.folder,
    path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path,
  );
}

/** Says so when what should be a file is none. */
export function checkFile(
  context: MachineContext,
  place: RawPlace | null | undefined,
  what: string,
  path: unknown,
  wanted: PathType = 'file',
): void {
  if (typeof path !== 'string') return;
  const found = context.typeOf(hostPath(context, path));
  if (found === wanted) return;
  const noun = wanted === 'folder' ? 'folder' : 'file';
  const problem = found === 'none' ? `there is no ${noun} ${path}` : `${path} is no ${noun}`;
  context.problems.error(place, `${what}: ${problem}`, `paths start at ${context.folder}`);
}

export type ObservedFile = readonly [path: string, aspect: Aspect, seen: string];
