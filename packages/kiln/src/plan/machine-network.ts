/** A network card of a machine beside the first one, which leads out through the host. */
export interface MachineNetwork {
  /** `private`: other machines of the network and the host. `public`: what the host itself is connected to. */
  readonly kind: 'private' | 'public';
  /** Tells cards of one machine apart; stable over edits of the file. */
  readonly id: string;
  /** Machines with the same name here share a network. Undefined: the network that `address` lies in. */
  readonly network?: string;
  /** IPv4 or IPv6; undefined: by DHCP. */
  readonly address?: string;
  /** Length of the network's prefix in bits; 24 for IPv4 and 64 for IPv6 when not given. */
  readonly prefix?: number;
  /** `52:54:…`; made from the machine's id when not given. */
  readonly mac?: string;
  /** False: the guest's card is left as it is. */
  readonly configure: boolean;
  /** The machine's host name belongs to this address. */
  readonly ownsHostname: boolean;
  /** Devices of the host to bridge to, in order of preference; only of a public network. */
  readonly bridges: readonly string[];
  /** The host takes no part, and nothing is routed. */
  readonly isolated: boolean;
}
