import { KilnError } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';

/** What the bootstrapping needs to know of one release of a distribution. */
export interface Release {
  readonly distribution: 'debian' | 'ubuntu';
  /** As people write it after the slash: `12`, `24.04`. */
  readonly version: string;
  readonly codename: string;
  readonly kernelPackage: string;
  /** Packages that differ between releases. */
  readonly extraPackages: readonly string[];
}

const debianKernel = 'linux-image-cloud-amd64';
const ubuntuKernel = 'linux-image-virtual';

/** systemd-resolved is a package of its own from Debian 12 and Ubuntu 24.04 on. */
const releases: readonly Release[] = [
  {
    distribution: 'debian',
    version: '11',
    codename: 'bullseye',
    kernelPackage: debianKernel,
    extraPackages: [],
  },
  {
    distribution: 'debian',
    version: '12',
    codename: 'bookworm',
    kernelPackage: debianKernel,
    extraPackages: ['systemd-resolved'],
  },
  {
    distribution: 'debian',
    version: '13',
    codename: 'trixie',
    kernelPackage: debianKernel,
    extraPackages: ['systemd-resolved'],
  },
  {
    distribution: 'ubuntu',
    version: '22.04',
    codename: 'jammy',
    kernelPackage: ubuntuKernel,
    extraPackages: [],
  },
  {
    distribution: 'ubuntu',
    version: '24.04',
    codename: 'noble',
    kernelPackage: ubuntuKernel,
    extraPackages: ['systemd-resolved'],
  },
];

/**
 * The release that `version` names, by number or code name.
 * @throws KilnError `not-found` with what there is
 */
export function findRelease(distribution: Release['distribution'], version: string): Release {
  const own = releases.filter((release) => release.distribution === distribution);
  const found = own.find(
    (release) => release.version === version || release.codename === version.toLowerCase(),
  );
  if (found) return found;
  const names = own.flatMap((release) => [release.version, release.codename]);
  throw new KilnError('not-found', `${distribution}/${version} is not a release that Kiln can bootstrap`, {
    hint:
      didYouMean(version, names) ??
      `there are ${own.map((one) => `${distribution}/${one.version}`).join(', ')}`,
  });
}
