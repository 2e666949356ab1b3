import { cyclonedxDocument } from './cyclonedx.ts';
import { describeSystem } from './describe-system.ts';
import type { SbomInput, Sboms } from './sbom-options.ts';
import { spdxDocument } from './spdx.ts';

/** Makes the bills of materials of a system in both formats. The same input gives the same bytes. */
export async function makeSboms(input: SbomInput): Promise<Sboms> {
  const system = await describeSystem(input);
  return { spdx: spdxDocument(system), cyclonedx: cyclonedxDocument(system), gaps: system.gaps };
}
