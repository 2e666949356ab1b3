/** Names by which machines find each other, and the host finds them. */
export interface MachineNames {
  /** Beside the machine's host name. */
  readonly aliases: readonly string[];
  /** Programs on the host are to find the machine by its names, too. */
  readonly onHost: boolean;
  /** Others that the machine is to know. */
  readonly others: readonly { readonly address: string; readonly names: readonly string[] }[];
  /** False: the machine's own list of names (`/etc/hosts`) is left as it is. */
  readonly inMachine: boolean;
}
