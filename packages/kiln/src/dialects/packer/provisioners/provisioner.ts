import { didYouMean } from '../../../base/suggest.ts';
import type { BreakpointStep, SleepStep, Step } from '../../../plan/step.ts';
import type { Options } from '../options.ts';
import { readAnsibleLocalProvisioner, readAnsibleProvisioner } from './ansible.ts';
import { readChefSolo } from './chef.ts';
import { readFileProvisioner } from './file.ts';
import { readPowershellProvisioner } from './powershell.ts';
import { readPuppetMasterless, readPuppetServer } from './puppet.ts';
import { readSaltMasterless } from './salt.ts';
import { readShellProvisioner } from './shell.ts';
import { readShellLocalProvisioner } from './shell-local.ts';
import type { StepMeta } from './step-meta.ts';
import { readWindowsRestartProvisioner } from './windows-restart.ts';
import { readWindowsShellProvisioner } from './windows-shell.ts';

type ProvisionerReader = (options: Options, meta: StepMeta) => Step | undefined;

const readers: Readonly<Record<string, ProvisionerReader>> = {
  ansible: readAnsibleProvisioner,
  'ansible-local': readAnsibleLocalProvisioner,
  breakpoint: readBreakpoint,
  'chef-solo': readChefSolo,
  file: readFileProvisioner,
  powershell: readPowershellProvisioner,
  'puppet-masterless': readPuppetMasterless,
  'puppet-server': readPuppetServer,
  'salt-masterless': readSaltMasterless,
  shell: readShellProvisioner,
  'shell-local': readShellLocalProvisioner,
  sleep: readSleep,
  'windows-restart': readWindowsRestartProvisioner,
  'windows-shell': readWindowsShellProvisioner,
};

export const provisionerTypes = Object.keys(readers);

/** The reader of a kind of provisioner, or undefined when Kiln does not run that kind. */
export function provisionerReader(type: string): ProvisionerReader | undefined {
  return Object.hasOwn(readers, type) ? readers[type] : undefined;
}

export function unknownProvisioner(type: string): { message: string; hint: string } {
  return {
    message: `Kiln does not run the provisioner "${type}" yet`,
    hint: didYouMean(type, provisionerTypes) ?? `it runs ${provisionerTypes.join(', ')}`,
  };
}

function readSleep(options: Options, meta: StepMeta): SleepStep {
  const duration = options.duration('duration') ?? 0;
  options.finish();
  return { kind: 'sleep', ...meta, duration };
}

function readBreakpoint(options: Options, meta: StepMeta): BreakpointStep {
  const note = options.string('note') ?? '';
  const disabled = options.boolean('disable');
  options.finish();
  return { kind: 'breakpoint', ...meta, note, disabled };
}
