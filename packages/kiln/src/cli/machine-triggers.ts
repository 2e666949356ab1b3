import { DiagnosticsError } from '../base/diagnostics.ts';
import type { VagrantConfig } from '../dialects/vagrant/vagrant-config.ts';
import { findOwn } from '../machines/find-machine.ts';
import type { MachineRecord } from '../machines/machine-record.ts';
import type { MachineServices } from '../machines/machine-services.ts';
import { openGuestOf } from '../machines/provision/open-guest.ts';
import { withTriggers } from '../machines/triggers/with-triggers.ts';
import type { Plan } from '../plan/plan.ts';
import type { CliContext } from './context.ts';
import { EndedByFile } from './ended-by-file.ts';
import { findProject } from './find-project.ts';
import { loadTemplate } from './load-template.ts';
import { formatDiagnostics } from './report-error.ts';

/** A project whose file may have triggers. */
export interface TriggerProject {
  readonly plan: Plan;
  /** Whose Ruby the blocks of triggers are. */
  readonly vagrant?: VagrantConfig;
}

/**
 * The project whose triggers a command on machines has to mind; undefined where there are none. A file with mistakes keeps
 * nobody from halting machines: that its triggers do not run is told.
 */
export async function triggerProject(
  file: string | undefined,
  context: CliContext,
): Promise<TriggerProject | undefined> {
  const place = findProject(file, context);
  if (place?.kind !== 'vagrant') return undefined;
  try {
    return await loadTemplate({ file: place.file, var: [], 'var-file': [] }, context);
  } catch (error) {
    if (error instanceof DiagnosticsError) {
      context.stderr.write(formatDiagnostics(error.diagnostics, context.stderr.paint));
    } else if (!(error instanceof EndedByFile)) throw error;
    context.stderr.line('The file cannot be read as it is: no triggers are run.');
    return undefined;
  }
}

/**
 * Does something to a machine, with the file's triggers of a command around it.
 * @param print gets what the file's own code prints
 * @throws as `withTriggers`
 */
export async function withMachineTriggers<T>(
  services: MachineServices,
  context: CliContext,
  project: TriggerProject | undefined,
  action: { readonly command: string; readonly machine: string },
  work: () => Promise<T>,
  print: (text: string) => void = (text) => context.stderr.write(text),
): Promise<T> {
  const spec = project?.plan.machines.find(({ name }) => name === action.machine);
  if (project === undefined || spec === undefined || spec.triggers.length === 0) return work();
  const { plan, vagrant } = project;
  const { folder } = plan.origin;
  const scene = {
    command: action.command,
    triggers: spec.triggers,
    folder,
    secrets: plan.secrets,
    machine: {
      name: spec.name,
      record: () => findOwn(services.home, folder, spec.name),
      openGuest: (record: MachineRecord) => openGuestOf(services, record),
    },
  };
  if (vagrant === undefined) return withTriggers(services, scene, work);
  const { triggerCodeRunner } = await import('./run-trigger-code.ts');
  const runCode = triggerCodeRunner(vagrant, services.home, context, print);
  return withTriggers({ ...services, runCode }, scene, work);
}
