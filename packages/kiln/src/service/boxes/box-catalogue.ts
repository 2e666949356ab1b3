import type { Selectable } from 'kysely';
import { compareGemVersions, type GemVersion, parseGemVersion } from '../../base/gem-version.ts';
import type { BoxFileTable, BoxTable } from '../gallery/gallery-tables.ts';
import { anyArchitecture } from './push-box.ts';

type BoxRow = Selectable<BoxTable>;
type FileRow = Selectable<BoxFileTable>;

/**
 * What there is of a box, as Vagrant reads it
 * (https://developer.hashicorp.com/vagrant/docs/boxes/format#box-metadata), the newest version first.
 * @param address where the service is, without a slash at the end
 * @param token is added to addresses of files for who has given it in the address
 */
export function boxCatalogue(
  box: BoxRow,
  files: readonly FileRow[],
  address: string,
  token: string | undefined,
) {
  const versions = Map.groupBy(files, ({ version }) => version);
  const name = `${box.team}/${box.name}`;
  const suffix = token === undefined ? '' : `?access_token=${encodeURIComponent(token)}`;
  return {
    name,
    description: box.description,
    short_description: box.description.split('\n', 1)[0],
    versions: [...versions]
      .toSorted(([a], [b]) => compareGemVersions(parsed(b), parsed(a)))
      .map(([version, all]) => ({
        version,
        status: 'active',
        providers: all.map((file) => ({
          name: file.provider,
          url: `${address}/boxes/${name}/versions/${version}/providers/${file.provider}/${file.architecture}/package.box${suffix}`,
          checksum_type: 'sha256',
          checksum: file.sha256,
          ...(file.architecture !== anyArchitecture && { architecture: file.architecture }),
          default_architecture: isDefault(file, all),
        })),
      })),
  };
}

/** Nothing else was let in. */
function parsed(version: string): GemVersion {
  return parseGemVersion(version) ?? { text: version, segments: [] };
}

/** What somebody gets who does not say which: the first in the order of names, `amd64` before all. */
function isDefault(file: FileRow, all: readonly FileRow[]): boolean {
  const same = all
    .filter(({ provider }) => provider === file.provider)
    .map(({ architecture }) => architecture)
    .sort((a, b) => Number(b === 'amd64') - Number(a === 'amd64') || (a < b ? -1 : 1));
  return same[0] === file.architecture;
}
