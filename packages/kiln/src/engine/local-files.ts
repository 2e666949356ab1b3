import { resolve } from 'node:path';
import type { Build } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';

/**
 * Absolute paths of the local files and folders that a build reads, in order and without doubles. A path with a
 * run-time hole in it is not known and left out; `whyNotRepeatable` looks after those.
 */
export function localFiles(build: Build, folder: string): string[] {
  const paths = new Set<string>();
  const add = (path: string) => paths.add(resolve(folder, path));
  for (const step of build.steps) for (const path of filesOfStep(step)) add(path);
  if (build.source.kind === 'qemu') {
    const { hardware, media } = build.source;
    const { firmware } = hardware;
    for (const path of firmware.kind === 'bios' ? [firmware.file] : [firmware.code, firmware.vars]) {
      if (path !== undefined) add(path);
    }
    if (media.http?.directory) add(media.http.directory);
    for (const path of media.cd?.files ?? []) add(path);
    for (const path of [...(media.floppy?.files ?? []), ...(media.floppy?.directories ?? [])]) add(path);
  }
  if (build.source.kind === 'file' && build.source.from.kind === 'copy') add(build.source.from.path);
  return [...paths];
}

function filesOfStep(step: Step): readonly string[] {
  if ('script' in step) return step.script.kind === 'files' ? step.script.paths : [];
  if (step.kind === 'file' && step.direction === 'upload' && !step.generated) {
    return step.sources.filter((source) => typeof source === 'string');
  }
  return [];
}
