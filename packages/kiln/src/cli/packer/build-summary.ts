import type { BuildResult, PlanResult } from '../../engine/plan-result.ts';
import { displayPath } from '../../outputs/local-path.ts';
import { elapsedText } from './elapsed.ts';
import type { PackerUi } from './ui.ts';

export interface SummaryInput {
  readonly result: PlanResult;
  /** Of the whole run. */
  readonly milliseconds: number;
  readonly interrupted: boolean;
  /** Where the command runs: paths inside of it are shown as templates write them. */
  readonly folder: string;
  /** The build's name as people see it. */
  readonly nameOf: (build: BuildResult) => string;
}

/** The end of `packer build`: how long it took, what failed, what was made. */
export function writeSummary(
  { result, milliseconds, interrupted, folder, nameOf }: SummaryInput,
  ui: PackerUi,
): void {
  ui.say(`\n==> Wait completed after ${elapsedText(milliseconds)}`);
  if (interrupted) {
    ui.say('Cleanly cancelled builds after being interrupted.');
    return;
  }
  const failed = result.builds.filter(isFailed);
  if (failed.length > 0) {
    ui.machine('', 'error-count', String(failed.length));
    ui.error("\n==> Some builds didn't complete successfully and had errors:");
    for (const build of failed) writeFailure(build, nameOf(build), ui);
  }
  const made = result.builds.filter((build) => !isFailed(build) && build.artifacts.length > 0);
  if (made.length === 0) {
    ui.say('\n==> Builds finished but no artifacts were created.');
    return;
  }
  ui.say('\n==> Builds finished. The artifacts of successful builds are:');
  for (const build of made) writeArtifacts(build, nameOf(build), folder, ui);
}

function isFailed({ outcome }: BuildResult): boolean {
  return outcome === 'failed' || outcome === 'cancelled';
}

function writeFailure(build: BuildResult, name: string, ui: PackerUi): void {
  const message = build.errors.map((error) => error.message).join('\n') || 'the build was cancelled';
  ui.machine(name, 'error', message);
  ui.error(`--> ${name}: ${message}`);
  // Programs have what they need; people want to know what to do.
  if (ui.isMachineReadable) return;
  for (const { at, hint } of build.errors) {
    const place = at ? `${at.file} line ${at.line}` : undefined;
    const lines = [place, hint].filter((line) => line !== undefined);
    if (lines.length > 0) ui.error(`    ${lines.join(': ')}`);
  }
  if (build.logFile !== undefined) ui.say(`    log: ${build.logFile}`);
}

function writeArtifacts(build: BuildResult, name: string, folder: string, ui: PackerUi): void {
  const shorten = (text: string) => text.replaceAll(`${folder}/`, '');
  // Chains that hand on what they got, or found it done before, tell of the same thing again.
  const artifacts = [...new Map(build.artifacts.map((one) => [JSON.stringify(one), one])).values()];
  ui.machine(name, 'artifact-count', String(artifacts.length));
  for (const [index, { builderId, id, description, files }] of artifacts.entries()) {
    const row = (...data: readonly string[]) => ui.machine(name, 'artifact', String(index), ...data);
    row('builder-id', builderId);
    row('id', id);
    row('string', shorten(description));
    row('files-count', String(files.length));
    for (const [position, file] of files.entries())
      row('file', String(position), displayPath(file, { folder }));
    row('end');
    ui.say(`--> ${name}: ${shorten(description)}`);
  }
}
