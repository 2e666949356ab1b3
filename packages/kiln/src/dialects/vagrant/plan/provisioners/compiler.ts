import type { Step } from '../../../../plan/step.ts';
import type { VagrantProvisioner } from '../../vagrant-config.ts';
import type { Planning } from '../planning.ts';

/** Makes of one provisioner what is done. No steps: there is nothing to do. */
export type ProvisionerCompiler = (provisioner: VagrantProvisioner, planning: Planning) => readonly Step[];
