import { resolve } from 'node:path';
import type { Build } from '../plan/plan.ts';
import type { QemuSource } from '../plan/qemu-source.ts';
import type { Step } from '../plan/step.ts';

/**
 * Absolute paths of the local files and folders that a build reads, in order and without doubles. A path with a
 * run-time hole in it is not known and left out; `whyNotRepeatable` looks after those.
 */
export function localFiles(build: Build, folder: string): string[] {
  const paths = new Set<string>();
  const add = (path: string) => paths.add(resolve(folder, path));
  for (const step of build.steps) for (const path of filesOfStep(step)) add(path);
  if (build.source.kind === 'qemu') for (const path of filesOfSource(build.source)) add(path);
  if (build.source.kind === 'file' && build.source.from.kind === 'copy') add(build.source.from.path);
  return [...paths];
}

/** Files that a machine is made with, beside its images. */
export function filesOfSource({ hardware, media }: QemuSource): readonly string[] {
  const { firmware } = hardware;
  return [
    ...(firmware.kind === 'bios' ? [firmware.file] : [firmware.code, firmware.vars]),
    media.http?.directory,
    ...(media.cd?.files ?? []),
    ...(media.floppy?.files ?? []),
    ...(media.floppy?.directories ?? []),
  ].filter((path) => path !== undefined);
}

/**
 * Files that a step takes into the machine, or runs.
 * @param generated also those that are made while the build runs, and are there when the step's turn has come
 */
export function filesOfStep(step: Step, { generated = false } = {}): readonly string[] {
  if ('script' in step) return step.script.kind === 'files' ? step.script.paths : [];
  if ('copies' in step) return step.copies.map(({ from }) => from);
  if (step.kind === 'profile' || step.kind === 'ansible') return step.reads;
  if (step.kind === 'file' && step.direction === 'upload' && (generated || !step.generated)) {
    return step.sources.filter((source) => typeof source === 'string');
  }
  return [];
}
