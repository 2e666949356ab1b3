import { type MachineSpec, plainMachine } from '../../../plan/machine-spec.ts';
import type { VagrantDiagnostic } from '../finish/machine-problems.ts';
import type { VagrantConfig } from '../vagrant-config.ts';
import { planCloudInit } from './plan-cloud-init.ts';
import { planContainer } from './plan-container.ts';
import { planDisks } from './plan-disks.ts';
import { planFolders } from './plan-folders.ts';
import { planHardware, planShape } from './plan-hardware.ts';
import { planImage } from './plan-image.ts';
import { planLogin } from './plan-login.ts';
import { planNames } from './plan-names.ts';
import { planNetworks } from './plan-networks.ts';
import { planPorts } from './plan-ports.ts';
import { planProvisioners } from './plan-provisioners.ts';
import { planSshClient } from './plan-ssh-client.ts';
import { planTriggers } from './plan-triggers.ts';
import { type Planning, type PlanningHost, planningOf } from './planning.ts';

export interface PlannedMachines {
  /** In the order of the file; those that cannot be made say why by their `refusal`. */
  readonly machines: readonly MachineSpec[];
  /** What is different with Kiln: warnings. */
  readonly diagnostics: readonly VagrantDiagnostic[];
}

/** What a Vagrantfile's machines are to Kiln. docs/vagrantfiles.md says what each setting comes to. */
export function planMachines(config: VagrantConfig, host: PlanningHost): PlannedMachines {
  const diagnostics: VagrantDiagnostic[] = [];
  const machines = config.machines.flatMap(
    (machine) => planMachine(planningOf(machine, config, host, diagnostics)) ?? [],
  );
  return { machines, diagnostics };
}

function planMachine(planning: Planning): MachineSpec | undefined {
  const { machine, config } = planning;
  const { vm } = machine;
  if (vm.clone !== null) {
    planning.refuse(
      'config.vm.clone copies a machine that the real Vagrant made, and Kiln has none of these',
      undefined,
      'make a box of it with `vagrant package`, and name that',
    );
  }
  const container = machine.provider === 'docker' ? planContainer(planning) : undefined;
  const isOther = machine.provider === 'docker' || vm.clone !== null;
  const image = isOther ? ({ kind: 'empty' } as const) : planImage(planning);
  // There should be a box: reading the file said so.
  if (image === undefined) return undefined;
  const hardware = planHardware(planning);
  const names = planNames(planning);
  const haltTimeout = vm.graceful_halt_timeout * 1000;
  const spec: MachineSpec = {
    ...plainMachine,
    name: machine.name,
    image,
    ...planShape(planning),
    ...(vm.hostname !== null && { hostname: vm.hostname }),
    ...planPorts(planning),
    login: planLogin(planning),
    autostart: machine.autostart,
    primary: config.primary === machine.name,
    networks: planNetworks(planning),
    folders: planFolders(planning),
    provisioners: planProvisioners(planning),
    triggers: planTriggers(planning),
    disks: planDisks(planning),
    cloudInit: planCloudInit(planning),
    haltTimeout,
    ...(vm.post_up_message !== null && vm.post_up_message !== '' && { message: vm.post_up_message }),
    ...(hardware !== undefined && { hardware }),
    ...(container !== undefined && { container }),
    ...(names !== undefined && { names }),
    sshClient: planSshClient(planning),
  };
  return planning.refusal === undefined ? spec : { ...spec, refusal: planning.refusal };
}
