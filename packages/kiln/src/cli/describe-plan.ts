import { formatDuration } from '../base/durations.ts';
import { formatSize } from '../base/sizes.ts';
import type { PredictedBuild, PredictedStep } from '../engine/predict-steps.ts';
import type { ImageRef } from '../plan/image-ref.ts';
import type { MachineSpec } from '../plan/machine-spec.ts';
import type { Output } from '../plan/output.ts';
import type { Build, Plan } from '../plan/plan.ts';
import type { Source } from '../plan/source.ts';
import type { ScriptSource, Step } from '../plan/step.ts';
import type { Text } from '../plan/text.ts';
import type { Painter } from './colors.ts';

/** Shortens the paths of a plan: those inside the template's folder are shown as its author wrote them. */
type Shorten = (text: string) => string;

/** A plan for people: what each build starts from, does and makes. */
export function describePlan(plan: Plan, paint: Painter, predicted: readonly PredictedBuild[] = []): string {
  const shorten: Shorten = (text) => text.replaceAll(`${plan.origin.folder}/`, '');
  const blocks = [
    ...plan.builds.map((build) =>
      describeBuild(
        build,
        paint,
        predicted.find((one) => one.build === build.name),
      ),
    ),
    ...plan.machines.map((machine) => describeMachine(machine, paint)),
  ];
  if (blocks.length === 0) return `${plan.origin.file} has nothing to build or run\n`;
  return `${blocks.map((lines) => lines.map(shorten).join('\n')).join('\n\n')}\n`;
}

function describeBuild(build: Build, paint: Painter, predicted: PredictedBuild | undefined): string[] {
  const steps = build.steps.map(
    (step, index) =>
      `  ${index + 1}. ${describeStep(step)}${describeVerdict(predicted?.steps?.[index], paint)}`,
  );
  const outputs = build.outputs.map((chain) => `  → ${chain.map(describeOutput).join(', then ')}`);
  return [
    `${paint('bold', `build ${build.name}`)} ${paint('dim', `(${build.type})`)}`,
    ...describeSource(build.source).map((line) => `  ${line}`),
    ...steps,
    ...outputs,
  ];
}

/** Whether a step would run now, and why. */
function describeVerdict(step: PredictedStep | undefined, paint: Painter): string {
  if (!step) return '';
  if (step.verdict === 'restored') return `  ${paint('green', 'restored')}`;
  return `  ${paint('yellow', `runs: ${step.reason}`)}`;
}

function describeMachine(machine: MachineSpec, paint: Painter): string[] {
  const ports = machine.ports.map((one) => `${one.hostAddress}:${one.host} → ${one.guest}/${one.protocol}`);
  return [
    paint('bold', `machine ${machine.name}`),
    `  from ${describeImage(machine.image)}`,
    `  ${processors(machine.cpus)}, ${formatSize(machine.memory)} of memory${machine.diskSize === undefined ? '' : `, ${formatSize(machine.diskSize)} disk`}`,
    ...ports.map((port) => `  port ${port}`),
  ];
}

function describeSource(source: Source): string[] {
  switch (source.kind) {
    case 'null':
      return ['on a machine that is there already'];
    case 'file':
      return [`writes ${source.target}`];
    case 'rootfs': {
      const { os, lock, result } = source;
      const packages = lock ? `, ${lock.base.length + lock.more.length} locked packages` : '';
      return [
        `from ${os.distribution}/${os.release}, without a machine${packages}`,
        `${formatSize(result.diskSize)} disk`,
      ];
    }
    case 'qemu': {
      const { cpus, memory, firmware } = source.hardware;
      const disk = source.result.diskSize === undefined ? '' : `, ${formatSize(source.result.diskSize)} disk`;
      return [
        `from ${describeImage(source.installer ?? source.disk)}`,
        `${processors(cpus)}, ${formatSize(memory)} of memory${disk}, ${firmware.kind.toUpperCase()}`,
      ];
    }
  }
}

function describeImage(image: ImageRef): string {
  switch (image.kind) {
    case 'distribution':
      return `${image.distribution}/${image.release}`;
    case 'file':
      return image.path;
    case 'url':
      return image.urls[0] ?? 'a URL';
    case 'store':
      return `the store's ${image.reference}`;
    case 'box':
      return `the box ${image.name}`;
    case 'empty':
      return 'an empty disk';
  }
}

function describeStep(step: Step): string {
  const work = describeWork(step);
  // Steps without a name of their own are named by the beginning of what they do.
  const name = step.name === undefined || nameTellsNothing(step.name, work) ? '' : `${step.name}: `;
  return `${name}${work}${step.maxRetries > 0 ? ` (up to ${step.maxRetries + 1} times)` : ''}`;
}

function nameTellsNothing(name: string, work: string): boolean {
  const [verb, ...words] = name.replace(/…$/, '').split(' ');
  return work.startsWith(`${verb} `) && work.includes(words.join(' '));
}

function describeWork(step: Step): string {
  switch (step.kind) {
    case 'shell':
    case 'powershell':
    case 'windows-shell':
      if ('download' in step && step.download) return `run ${step.download.url}`;
      return `run ${describeScript(step.script)}`;
    case 'windows-restart':
    case 'reboot':
      return 'restart the machine';
    case 'ansible':
      return `Ansible from this host: ${step.playbook}`;
    case 'ansible-local':
      return `Ansible in the machine: ${step.playbooks.join(', ')}`;
    case 'puppet':
      return step.run.kind === 'apply'
        ? `Puppet: ${step.run.manifest ?? step.run.environmentName ?? 'its environment'}`
        : 'Puppet, with its server';
    case 'chef':
      return `Chef: ${step.tool === 'apply' ? 'a recipe' : step.runList.join(', ') || 'an empty run list'}`;
    case 'salt':
      return `Salt: ${step.state ?? 'set the minion up'}`;
    case 'docker':
    case 'podman':
      return `${step.kind}: ${[...step.images, ...step.containers.map(({ name }) => name)].join(', ') || 'install it'}`;
    case 'shell-local':
      return `run on this host ${describeScript(step.script)}`;
    case 'file': {
      const what =
        step.sources.length > 0 ? step.sources.map(plain).join(', ') : (step.download?.url ?? 'text');
      return `${step.direction === 'upload' ? 'copy' : 'fetch'} ${what} to ${plain(step.destination)}`;
    }
    case 'profile':
      return step.part === 'all'
        ? `profile ${step.profile.name}`
        : `profile ${step.profile.name}: ${step.part}`;
    case 'sleep':
      return `sleep ${formatDuration(step.duration)}`;
    case 'breakpoint':
      return 'wait for you';
  }
}

function describeScript(script: ScriptSource): string {
  if (script.kind === 'files') return script.paths.join(', ');
  const lines = script.lines.flatMap((line) => plain(line).split('\n')).filter((line) => line.trim() !== '');
  const first = (lines[0] ?? '').trim();
  const shown = first.length > 60 ? `${first.slice(0, 60)}…` : first;
  return lines.length > 1 ? `${shown} (and ${lines.length - 1} more)` : shown;
}

function describeOutput(output: Output): string {
  switch (output.kind) {
    case 'store':
      return `store as ${output.references.join(', ')}`;
    case 'disk':
      return `${output.format} disk ${plain(output.path)}`;
    case 'manifest':
      return `manifest ${output.output}`;
    case 'checksum':
      return `checksum (${output.types.join(', ')})`;
    case 'compress':
      return `compress to ${plain(output.output) || output.format}`;
    case 'box':
      return `box ${plain(output.path)}`;
    case 'artifice':
      return `the files ${output.files.join(', ')}`;
    case 'shell-local':
      return `run on this host ${describeScript(output.script)}`;
  }
}

/** A text with its holes; HCL2 expressions as they are written there. */
function plain(text: Text): string {
  if (typeof text === 'string') return text;
  return text.source.replace(
    /\{\{ expression (\d+) \}\}/g,
    (_hole, index: string) => `\${${text.expressions?.[Number(index)]?.source ?? ''}}`,
  );
}

function processors(count: number): string {
  return count === 1 ? '1 processor' : `${count} processors`;
}
