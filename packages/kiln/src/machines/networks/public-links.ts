import { constants, existsSync, readFileSync, statSync } from 'node:fs';
import type { MachineNetwork } from '../../plan/machine-network.ts';
import { tapName } from './host-links.ts';
import type { PublicLink } from './settle-cards.ts';

export interface PublicNetworks {
  /** Bridges of the host that are not Kiln's, with what is plugged into them. */
  readonly bridges: ReadonlyMap<string, readonly string[]>;
  readonly withBridges: boolean;
  /** Files of QEMU, other ones in tests. */
  readonly helper?: string | undefined;
  readonly helperRules?: string;
}

/** Where QEMU's helper is that plugs machines of ordinary users into bridges, by distribution. */
const helpers = ['/usr/lib/qemu/qemu-bridge-helper', '/usr/libexec/qemu-bridge-helper'];

export function bridgeHelper(): string | undefined {
  return helpers.find((path) => existsSync(path));
}

/**
 * Where a public card is plugged in: the first bridge of those it names, or else one that leads out of the host. A string
 * says why it cannot be, and what to do.
 */
export function publicLink(
  networks: PublicNetworks,
  machine: string,
  card: Pick<MachineNetwork, 'bridges'>,
  index: number,
): PublicLink | string {
  const { bridges, withBridges } = networks;
  // Vagrantfiles name devices as VirtualBox lists them: "en0: Wi-Fi".
  const wanted = card.bridges.map((one) => one.replace(/:\s.*$/, ''));
  const bridge = wanted.length > 0 ? wanted.find((one) => bridges.has(one)) : leadingOut(bridges);
  if (bridge === undefined) {
    const here = [...bridges.keys()];
    const what =
      wanted.length > 0
        ? `none of ${wanted.join(', ')} is a bridge of this host`
        : 'this host has no bridge that leads out';
    return `${what} (its bridges: ${here.join(', ') || 'none'}); the machine comes up without its public card. Make a bridge with the host's own card in it, and name it`;
  }
  if (withBridges) return { bridge, link: { kind: 'tap', device: tapName(machine, index) } };
  const helper = networks.helper ?? bridgeHelper();
  if (helper !== undefined && isSetUid(helper) && isAllowed(bridge, networks.helperRules)) {
    return { bridge, link: { kind: 'bridge-helper', bridge, helper } };
  }
  return `an ordinary user may not plug machines into ${bridge}; the machine comes up without its public card. Let QEMU's helper do it: \`chmod u+s ${helper ?? helpers[0]}\` and a line "allow ${bridge}" in /etc/qemu/bridge.conf`;
}

/** Bridges of Docker, libvirt and the like have machines of theirs behind them, and not the host's own network. */
function leadingOut(bridges: PublicNetworks['bridges']): string | undefined {
  const foreign = /^(?:docker|virbr|lxcbr|lxdbr|cni|br-[0-9a-f]{12}$)/;
  return [...bridges].find(([name, ports]) => ports.length > 0 && !foreign.test(name))?.[0];
}

function isSetUid(path: string): boolean {
  const { mode, uid } = statSync(path);
  return uid === 0 && (mode & 0o4000) !== 0 && (mode & constants.S_IXOTH) !== 0;
}

/** qemu-bridge-helper's rules: `allow NAME`, `allow all`, `deny …`; the file may be unreadable for ordinary users. */
function isAllowed(bridge: string, rules = '/etc/qemu/bridge.conf'): boolean {
  try {
    const words = readFileSync(rules, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    const names = (verb: string) => words.filter(([first]) => first === verb).map(([, name]) => name);
    const matches = (list: readonly (string | undefined)[]) => list.includes(bridge) || list.includes('all');
    return matches(names('allow')) && !matches(names('deny'));
  } catch {
    return false;
  }
}
