import type { WindowsShellStep } from '../plan/step.ts';
import { formatAssignments, scriptEnvironment } from './environment.ts';
import { checkWindowsExit } from './exit-code.ts';
import { readScripts } from './script-source.ts';
import type { StepRunner } from './step-context.ts';
import { untilReached } from './until-reached.ts';

/** `cmd` has no way to quote every value, so Packer puts them in as they are. */
const asItIs = (value: string) => value;

/** Runs batch files inside a Windows machine, with the semantics of Packer's `windows-shell` provisioner. */
export const runWindowsShellStep: StepRunner<WindowsShellStep> = async (step, context) => {
  const { guest, signal } = context;
  const scripts = await readScripts(step.script, '', context);
  const assignments = scriptEnvironment(step.environment, context);
  const command = context.render(step.executeCommand, {
    Vars: formatAssignments(assignments, step.environmentFormat, asItIs),
    Path: step.remotePath,
  });
  for (const { label, bytes } of scripts) {
    context.say(`Running ${label}`);
    // Together, for a machine that restarts in between may have lost the script.
    const exit = await untilReached(step.startRetryTimeout, context, async () => {
      await guest.upload({ from: { kind: 'bytes', bytes }, to: step.remotePath, signal });
      return await guest.exec({ command, onLine: context.output, signal });
    });
    checkWindowsExit(exit, step, label);
  }
};
