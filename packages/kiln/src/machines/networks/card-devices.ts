import type { CardRecord } from './network-state.ts';

type Options = Readonly<Record<string, string | number | boolean>>;

/**
 * A network card as QEMU is told of it: the arguments of QMP's `netdev_add` and `device_add`, in this order, which are
 * also what `-netdev` and `-device` take.
 */
export interface CardDevice {
  readonly mac: string;
  readonly netdev: Options & { readonly type: string; readonly id: string };
  readonly device: Options & { readonly driver: string; readonly id: string };
}

/** @param model QEMU's device, such as `e1000` */
export function cardDevices(cards: readonly CardRecord[], model = 'virtio-net-pci'): readonly CardDevice[] {
  return cards.map(({ mac, link }, index) => {
    // The first card of a machine, which leads out, is no network of these.
    const id = `card${index + 1}`;
    const netdev = netdevOf(link, `net${index + 1}`);
    return {
      mac,
      netdev,
      device: { driver: model, id, netdev: netdev.id, mac, romfile: '' },
    };
  });
}

function netdevOf(link: CardRecord['link'], id: string): CardDevice['netdev'] {
  switch (link.kind) {
    case 'tap':
      return { type: 'tap', id, ifname: link.device, script: 'no', downscript: 'no' };
    case 'multicast':
      return { type: 'socket', id, mcast: link.group, localaddr: '127.0.0.1' };
    case 'bridge-helper':
      return { type: 'bridge', id, br: link.bridge, helper: link.helper };
  }
}

/** The same on QEMU's command line. */
export function cardArguments(devices: readonly CardDevice[]): string[] {
  return devices.flatMap(({ netdev: { type, ...netdev }, device: { driver, ...device } }) => [
    '-netdev',
    [type, ...suboptions(netdev)].join(','),
    '-device',
    [driver, ...suboptions(device)].join(','),
  ]);
}

function suboptions(options: Options): string[] {
  return Object.entries(options).map(([name, value]) => `${name}=${String(value).replaceAll(',', ',,')}`);
}
