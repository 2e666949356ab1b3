import type { BuildFacts } from '../provenance/build-facts.ts';
import type { Sboms } from '../sbom/sbom-options.ts';

/** What the maker of an image knows for its supply chain beyond what the store's record says. */
export interface BuildSupply {
  /** Facts that take the place of those that follow from the record. */
  readonly facts?: Partial<Omit<BuildFacts, 'subjects'>>;
  /** Made while the image was; where it is left out, `kiln image sbom` makes it from the disk. */
  readonly sboms?: Pick<Sboms, 'spdx' | 'cyclonedx'>;
  /** Texts from which the same image can be built again. */
  readonly profile?: string;
  readonly lock?: string;
}
