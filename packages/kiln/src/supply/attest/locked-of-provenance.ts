import type { LockedPackage } from '../../plan/locked-package.ts';
import type { Provenance } from '../provenance/provenance-statement.ts';

/** The package files that a statement says went into an image: those of Debian's kind that it names with a digest. */
export function lockedOfProvenance({ buildDefinition }: Provenance): LockedPackage[] {
  return buildDefinition.resolvedDependencies.flatMap(
    ({ uri, digest, downloadLocation }): LockedPackage[] => {
      const match = /^pkg:deb\/[^/]+\/([^@]+)@([^?]+)\?(?:.*&)?arch=([^&]+)/.exec(uri ?? '');
      const sha256 = digest?.['sha256'];
      if (!match || sha256 === undefined) return [];
      const [name, version, architecture] = match.slice(1).map(decodeURIComponent) as [
        string,
        string,
        string,
      ];
      // The size is told by no statement, and by no bill of materials.
      return [
        { name, version, architecture, sha256, size: 0, urls: downloadLocation ? [downloadLocation] : [] },
      ];
    },
  );
}
