import { KilnError, messageOf } from '../../base/errors.ts';
import { compareGemVersions, type GemVersion, parseGemVersion } from '../../base/gem-version.ts';
import { fitsAlgorithm } from '../../plan/checksum.ts';
import type { DigestChecksum } from '../checksums.ts';

/**
 * What there is of a box: Vagrant's "box metadata"
 * (https://developer.hashicorp.com/vagrant/docs/boxes/format#box-metadata).
 */
export interface Catalogue {
  readonly name: string;
  readonly description?: string;
  /** The newest first. */
  readonly versions: readonly CatalogueVersion[];
}

export interface CatalogueVersion {
  readonly version: string;
  readonly parsed: GemVersion;
  readonly providers: readonly CatalogueProvider[];
}

/** One file of a version. */
export interface CatalogueProvider {
  readonly name: string;
  readonly url: string;
  /** `unknown` in words, or not said at all. */
  readonly architecture?: string;
  readonly isDefault: boolean;
  readonly checksum?: DigestChecksum;
  /** A kind of checksum that nobody knows how to compare. */
  readonly unknownChecksum?: string;
}

/** Larger ones are no catalogues. */
export const largestCatalogue = 20 << 20;

type Fields = Readonly<Record<string, unknown>>;

/**
 * @param where the catalogue, for messages
 * @throws KilnError `download-failed` for what is no catalogue
 */
export function parseCatalogue(text: string, where: string): Catalogue {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw noCatalogue(where, `it is no JSON (${messageOf(error)})`, error);
  }
  const { name, description, versions } = asFields(value) ?? {};
  if (typeof name !== 'string' || name === '') throw noCatalogue(where, 'it names no box');
  if (versions !== undefined && versions !== null && !Array.isArray(versions))
    throw noCatalogue(where, 'its versions are no list');
  const parsed = ((versions as unknown[] | null | undefined) ?? []).map((one) => parseVersion(one, where));
  return {
    name,
    ...(typeof description === 'string' && { description }),
    versions: parsed.sort((a, b) => compareGemVersions(b.parsed, a.parsed)),
  };
}

function parseVersion(value: unknown, where: string): CatalogueVersion {
  const { version, providers } = asFields(value) ?? {};
  const text = typeof version === 'number' ? String(version) : version;
  const parsed = typeof text === 'string' ? parseGemVersion(text) : undefined;
  if (typeof text !== 'string' || !parsed)
    throw noCatalogue(where, `it has an impossible version, ${JSON.stringify(version)}`);
  const list = Array.isArray(providers) ? (providers as unknown[]) : [];
  return { version: text.trim(), parsed, providers: list.map((one) => parseProvider(one, text, where)) };
}

function parseProvider(value: unknown, version: string, where: string): CatalogueProvider {
  const fields = asFields(value) ?? {};
  const { name, url, architecture } = fields;
  if (typeof name !== 'string' || typeof url !== 'string')
    throw noCatalogue(where, `a box of version ${version} has no provider or URL`);
  return {
    name,
    url,
    ...(typeof architecture === 'string' && architecture !== '' && { architecture }),
    isDefault: fields['default_architecture'] === true,
    ...checksumOf(fields),
  };
}

function checksumOf(fields: Fields): Pick<CatalogueProvider, 'checksum' | 'unknownChecksum'> {
  const [type, checksum] = [fields['checksum_type'], fields['checksum']];
  if (typeof type !== 'string' || typeof checksum !== 'string') return {};
  const algorithm = type.trim().toLowerCase().replace('-', '');
  const hex = checksum.trim().toLowerCase();
  if (algorithm === '' || hex === '') return {};
  if (!fitsAlgorithm(algorithm, hex)) return { unknownChecksum: `${type} ${checksum}`.slice(0, 200) };
  return { checksum: { kind: 'digest', algorithm, hex } };
}

function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

export function noCatalogue(where: string, why: string, cause?: unknown): KilnError {
  return new KilnError('download-failed', `${where} is no catalogue of a box: ${why}`, {
    hint: 'a catalogue is a JSON file with the name, versions, providers and URLs of a box',
    ...(cause !== undefined && { cause }),
  });
}
