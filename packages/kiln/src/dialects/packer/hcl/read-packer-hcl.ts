import { openPackerHcl, type PackerHclInput } from './open-project.ts';
import type { PackerHclResult } from './packer-project.ts';
import type { Selection } from './select-builds.ts';

/**
 * Reads a Packer template in HCL2 into a plan of the builds that are wanted. Every mistake in it is a diagnostic.
 * @throws KilnError `file-missing`
 */
export async function readPackerHcl(input: PackerHclInput & Selection): Promise<PackerHclResult> {
  const project = await openPackerHcl(input);
  return project.plan(input);
}
