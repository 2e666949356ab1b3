/** What a machine is told about itself when it starts. */
export interface Seed {
  /** authorized_keys lines that may log in. */
  readonly authorizedKeys: readonly string[];
  readonly hostname?: string;
  /** Differs for every machine, and stays the same for the life of one. */
  readonly instance: string;
}

/**
 * QEMU options that hand a seed to the machine: SMBIOS OEM strings (structure type 11), which need no device and no
 * network, and which only root can read in the machine. Images that Kiln bootstraps read them at boot
 * (sources/bootstrap/guest-files.ts). They hold public keys only: the command line is no place for secrets.
 */
export function seedArguments(seed: Seed): string[] {
  const values = [
    ...seed.authorizedKeys.map((key) => `kiln:authorized_key=${key.trim()}`),
    ...(seed.hostname === undefined ? [] : [`kiln:hostname=${seed.hostname}`]),
    `kiln:instance=${seed.instance}`,
  ];
  // A comma ends a value on QEMU's command line; doubled it stands for itself.
  return ['-smbios', ['type=11', ...values.map((value) => `value=${value.replaceAll(',', ',,')}`)].join(',')];
}
