import { guestFiles } from '../../sources/bootstrap/guest-files.ts';
import { systemPackages } from '../../sources/bootstrap/install-system.ts';
import type { Release } from '../../sources/bootstrap/release.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { knownRelease } from '../inventory/kiln-system.ts';
import { PackageGraph } from './package-graph.ts';

/** The operating system that a captured profile goes on top of: what is the same there need not be said. */
export interface BareSystem {
  /** For people. */
  readonly description: string;
  /** Names of its packages. */
  readonly packages: ReadonlySet<string>;
  /** Packages that its makers asked for by name: whoever has removed one of them has meant it. */
  readonly asked: ReadonlySet<string>;
  /** The captured system was installed as this one is: what it lacks of it, somebody has taken away. */
  readonly complete: boolean;
  /** The host name that it gives every machine. */
  readonly hostname?: string;
  /** Units that are in another state than their packages put them in: enabled, or not. */
  readonly units: ReadonlyMap<string, boolean>;
  /** The system itself, where it was looked at. */
  readonly inventory?: Inventory;
}

/** A system that was looked at: an image or tree with nothing in it but the operating system. */
export function bareSystemOf(inventory: Inventory): BareSystem {
  const installed = inventory.packages.filter((one) => one.state !== 'config-files');
  return {
    description: inventory.description,
    packages: new Set(installed.map((one) => one.name)),
    complete: true,
    ...(inventory.settings.hostname === undefined ? {} : { hostname: inventory.settings.hostname }),
    asked: new Set(installed.filter((one) => one.manual || one.required).map((one) => one.name)),
    units: new Map(
      inventory.units
        .filter((unit) => !unit.masked && unit.enabled !== (unit.enabledByPackage ?? false))
        .map((unit) => [unit.name, unit.enabled]),
    ),
    inventory,
  };
}

/**
 * What Kiln does with units of every system that it installs, with those that come along by `Also=`
 * (bootstrap/customize-hook.ts; a test holds them together).
 */
export const kilnUnits: readonly (readonly [unit: string, enabled: boolean])[] = [
  ['kiln-identity.service', true],
  ['systemd-network-generator.service', true],
  ['systemd-networkd-wait-online.service', true],
  ['systemd-networkd.service', true],
  ['systemd-networkd.socket', true],
  ['systemd-resolved.service', true],
  ['ssh.service', true],
  ['apt-daily.timer', false],
  ['apt-daily-upgrade.timer', false],
  ['e2scrub_all.timer', false],
  ['e2scrub_reap.service', false],
];

/**
 * The operating system as Kiln builds it for a release, as far as the packages of a captured system tell: what is
 * essential or required, apt, Kiln's own choice of packages, and all that these need. For distributions that Kiln does
 * not build it is what is essential or required, and the package manager.
 */
export function derivedBareSystem(inventory: Inventory): BareSystem {
  const release = knownRelease(inventory.os);
  const graph = new PackageGraph(inventory.packages);
  const required = inventory.packages.filter((one) => one.required).map((one) => one.name);
  const manager = inventory.database === 'dpkg' ? ['apt'] : [];
  const asked = new Set([...required, ...manager, ...(release ? systemPackages(release) : [])]);
  return {
    description: release
      ? `${release.distribution}/${release.version} as Kiln installs it`
      : `the required packages of ${inventory.os.name}`,
    packages: new Set([...asked, ...graph.closure(asked)]),
    asked,
    complete: inventory.installedByKiln,
    ...(release && inventory.installedByKiln ? kilnHostname(release) : {}),
    units: new Map(release ? kilnUnits : []),
  };
}

/** As the recipe of Kiln's systems has it (bootstrap/guest-files.ts). */
function kilnHostname(release: Release): Pick<BareSystem, 'hostname'> {
  const file = guestFiles(release, '').find(({ path }) => path === '/etc/hostname');
  return file ? { hostname: file.content.trim() } : {};
}
