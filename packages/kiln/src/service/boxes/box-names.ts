import { parseGemVersion } from '../../base/gem-version.ts';
import { ServiceError } from '../service-error.ts';

const word = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/** Where rights to a box are asked for: roles may be given at `/boxes/team`, and at a box. */
export function boxScope({ team, box }: Readonly<Record<string, string>>): string {
  return `/boxes/${team}/${box}`.toLowerCase();
}

/** @throws ServiceError 400 */
export function checkBoxNames(names: Readonly<Record<string, string>>): void {
  for (const [what, name] of Object.entries(names)) {
    if (word.test(name)) continue;
    throw new ServiceError(
      400,
      'InvalidParameter',
      `"${name}" cannot be the ${what} of a box: letters, digits, dots, dashes and underscores, and a letter or digit first`,
      { target: what },
    );
  }
}

/** Versions as RubyGems orders them, which Vagrant goes by. @throws ServiceError 400 */
export function checkBoxVersion(version: string): void {
  if (parseGemVersion(version) && /^\d/.test(version)) return;
  throw new ServiceError(
    400,
    'InvalidParameter',
    `"${version}" is no version of a box; write such as 1.2.0`,
    {
      target: 'version',
    },
  );
}
