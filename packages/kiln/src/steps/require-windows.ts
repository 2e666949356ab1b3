import { KilnError } from '../base/errors.ts';
import type { Step } from '../plan/step.ts';
import type { StepContext } from './step-context.ts';

/**
 * Looks at what the machine is before a step that only Windows can do.
 * @throws KilnError `unsupported`
 */
export async function requireWindows(step: Step, { guest, signal }: StepContext): Promise<void> {
  const lines: string[] = [];
  // Windows has no such command; every other system that is logged in to by SSH does.
  const exit = await guest.exec({
    command: 'uname -s',
    onLine: (line, stream) => {
      if (stream === 'stdout') lines.push(line.trim());
    },
    signal,
  });
  const system = lines[0];
  if (exit.kind !== 'exited' || exit.code !== 0 || !system) return;
  throw new KilnError('unsupported', `this step needs Windows, and the machine runs ${system}`, {
    hint: 'start from an image of Windows, or take the step out',
    ...(step.at ? { at: step.at } : {}),
  });
}
