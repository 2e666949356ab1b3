import { KilnError } from '../../base/errors.ts';
import type { Facts, Profile } from '../../plan/profile.ts';
import type { Platform } from '../compile/compiled-profile.ts';
import { profileFor } from '../conditions.ts';
import { factsOfSystem } from '../facts.ts';

/** A profile for one kind of machine that nobody has asked yet. */
export interface RenderedFor {
  readonly profile: Profile;
  readonly platform: Platform;
  readonly distribution: string;
  readonly release: string;
}

const managers: Readonly<Record<string, Platform['manager']>> = {
  ...Object.fromEntries(
    ['debian', 'ubuntu', 'kali', 'raspbian', 'linuxmint'].map((name) => [name, 'apt' as const]),
  ),
  ...Object.fromEntries(
    ['fedora', 'rhel', 'centos', 'rocky', 'almalinux', 'ol', 'amzn'].map((name) => [name, 'dnf' as const]),
  ),
  ...Object.fromEntries(
    ['opensuse-leap', 'opensuse-tumbleweed', 'sles'].map((name) => [name, 'zypper' as const]),
  ),
  alpine: 'apk',
};

/**
 * What a profile is rendered for: its own operating system, or the one that facts tell.
 * @throws KilnError `bad-usage` when neither says it, `unsupported` for one that Kiln does not know
 */
export function renderedFor(profile: Profile, given: Facts): RenderedFor {
  const distribution = String(given['os.distribution'] ?? profile.os?.distribution ?? '');
  const release = String(given['os.release'] ?? profile.os?.release ?? '');
  if (distribution === '') {
    throw new KilnError('bad-usage', `the profile ${profile.name} does not say for which system it is`, {
      hint: 'add "os: debian/12" to it, or say --facts os.distribution=debian --facts os.release=12',
    });
  }
  const manager = managers[distribution];
  if (!manager) {
    throw new KilnError('unsupported', `profiles cannot be rendered for ${distribution}`, {
      hint: `they can for ${Object.keys(managers).join(', ')}`,
    });
  }
  const facts = { ...factsOfSystem(distribution, release), ...given };
  return {
    profile: profileFor(profile, facts),
    platform: { manager, init: manager === 'apk' ? 'openrc' : 'systemd' },
    distribution,
    release,
  };
}
