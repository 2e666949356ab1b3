import type { Step } from '../plan/step.ts';
import { runAnsibleLocalStep } from './ansible-local-step.ts';
import { runAnsibleStep } from './ansible-step.ts';
import { runBreakpointStep } from './breakpoint-step.ts';
import { runChefStep } from './chef-step.ts';
import { runContainerStep } from './container-step.ts';
import { runFileStep } from './file-step.ts';
import { runPowershellStep } from './powershell-step.ts';
import { runProfileStep } from './profile-step.ts';
import { runPuppetStep } from './puppet-step.ts';
import { runRebootStep } from './reboot-step.ts';
import { requireWindows } from './require-windows.ts';
import { runSaltStep } from './salt-step.ts';
import { runShellLocalStep } from './shell-local-step.ts';
import { runShellStep } from './shell-step.ts';
import { runSleepStep } from './sleep-step.ts';
import type { StepRunner } from './step-context.ts';
import { runWindowsRestartStep } from './windows-restart-step.ts';
import { runWindowsShellStep } from './windows-shell-step.ts';

/**
 * Runs one step of any kind.
 * @throws KilnError `step-failed`, `file-missing`, `cancelled` and the guest's errors
 */
export const runStep: StepRunner<Step> = async (step, context) => {
  if (step.needsWindows) await requireWindows(step, context);
  await runKind(step, context);
};

const runKind: StepRunner<Step> = (step, context) => {
  switch (step.kind) {
    case 'shell':
      return runShellStep(step, context);
    case 'powershell':
      return runPowershellStep(step, context);
    case 'windows-shell':
      return runWindowsShellStep(step, context);
    case 'windows-restart':
      return runWindowsRestartStep(step, context);
    case 'shell-local':
      return runShellLocalStep(step, context);
    case 'file':
      return runFileStep(step, context);
    case 'profile':
      return runProfileStep(step, context);
    case 'ansible':
      return runAnsibleStep(step, context);
    case 'ansible-local':
      return runAnsibleLocalStep(step, context);
    case 'puppet':
      return runPuppetStep(step, context);
    case 'chef':
      return runChefStep(step, context);
    case 'salt':
      return runSaltStep(step, context);
    case 'docker':
    case 'podman':
      return runContainerStep(step, context);
    case 'reboot':
      return runRebootStep(step, context);
    case 'sleep':
      return runSleepStep(step, context);
    case 'breakpoint':
      return runBreakpointStep(step, context);
  }
};
