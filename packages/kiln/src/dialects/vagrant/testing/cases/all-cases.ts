import type { ProjectCase } from '../project-case.ts';
import { machineCases } from './machine-cases.ts';
import { networkCases } from './network-cases.ts';
import { providerCases } from './provider-cases.ts';
import { provisionerCases } from './provisioner-cases.ts';
import { rubyCases } from './ruby-cases.ts';

/** Projects whose configuration the real Vagrant works out too. */
export const allCases: readonly ProjectCase[] = [
  ...machineCases,
  ...networkCases,
  ...providerCases,
  ...provisionerCases,
  ...rubyCases,
];
