import type { MachineRecord } from '../machines/machine-record.ts';
import type { Profile } from '../plan/profile.ts';

export interface ProfileForMachine {
  readonly profile: Profile;
  /** For people: what of the profile is not meant for this machine. */
  readonly note?: string;
}

/**
 * The profile as it is meant for a machine of Kiln's that gets its name from Kiln at every boot: many machines may have
 * one profile, and each has a name of its own. What else the profile says of the name would last until the next boot.
 */
export function withOwnHostname(
  profile: Profile,
  { name, hostname, image }: Pick<MachineRecord, 'name' | 'hostname' | 'image'>,
): ProfileForMachine {
  const { hostname: other, ...config } = profile.config;
  if (!image.seeded || other === undefined || other === hostname) return { profile };
  const note = `the host name of ${name} is ${hostname}, which Kiln gives it when it boots; the profile's (${other}) does not count. To change it, set "hostname:" of the machine`;
  return { profile: { ...profile, config }, note };
}
