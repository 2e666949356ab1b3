import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import type { BoxDownload } from '../../plan/image-ref.ts';
import {
  boxExists,
  type NewBox,
  placeBox,
  placeOfBox,
  stagingFolder,
} from '../../store/boxes/change-boxes.ts';
import { findBox, type StoredBox } from '../../store/boxes/stored-boxes.ts';
import { unpackBox } from '../../store/boxes/unpack-box.ts';
import { makeVagrantHome } from '../../store/boxes/vagrant-home.ts';
import { Run } from '../../store/run.ts';
import type { DigestChecksum } from '../checksums.ts';
import { withoutCredentials } from '../image-url.ts';
import { progressReporter } from '../progress.ts';
import { serverFor } from './box-server.ts';
import { type BoxServices, tellAboutBox } from './box-services.ts';
import { type CatalogueWish, chooseFromCatalogue } from './choose-from-catalogue.ts';
import { type BoxFile, withBoxFile } from './fetch-box-file.ts';
import { type LocatedBox, locateBox } from './locate-box.ts';
import { type BoxPlace, parsePlace } from './read-catalogue.ts';

export interface AddBoxRequest extends CatalogueWish {
  /** `user/box`, or URLs or paths of the same box, of which the first that gives it counts. */
  readonly sources: readonly string[];
  /** What to call it. Needed for a box without a catalogue; with one, what the catalogue must be of. */
  readonly name?: string;
  /** What to call a box without a catalogue when there is no `name`. */
  readonly fallbackName?: string;
  /** For a box without a catalogue; those of catalogues have their own. */
  readonly checksum?: DigestChecksum;
  readonly server?: string;
  readonly download: BoxDownload;
  /** Replace one that is here. */
  readonly force?: boolean;
  /** Throw away what an earlier, broken download has left. */
  readonly clean?: boolean;
  /** What paths are relative to. */
  readonly folder: string;
}

/**
 * Gets a box and puts it beside the others, where Vagrant sees it, too.
 * @throws KilnError `already-exists`, `not-found`, `bad-usage`, `download-failed`, `checksum-mismatch`, `file-unsafe`,
 *   `file-missing`, `disk-full`, `cancelled`
 */
export async function addBox(services: BoxServices, request: AddBoxRequest): Promise<StoredBox> {
  await makeVagrantHome(services.boxes);
  const failures: KilnError[] = [];
  for (const source of request.sources) {
    try {
      const located = await locateBox(services, source, request);
      return await (located.kind === 'catalogue'
        ? addFromCatalogue(services, located, request)
        : addFile(services, located.place, request));
    } catch (error) {
      const mayGoOn =
        error instanceof KilnError && ['download-failed', 'file-missing', 'not-found'].includes(error.code);
      if (!mayGoOn) throw error;
      failures.push(error);
    }
  }
  if (failures.length <= 1) throw failures[0] ?? new KilnError('bad-usage', 'it is not said which box');
  throw new KilnError(
    failures[0]!.code,
    `none of ${failures.length} places gave the box: ${failures.map(({ message }) => message).join('; ')}`,
    { cause: failures[0] },
  );
}

async function addFromCatalogue(
  services: BoxServices,
  { catalogue, url, place }: Extract<LocatedBox, { kind: 'catalogue' }>,
  request: AddBoxRequest,
): Promise<StoredBox> {
  if (request.name !== undefined && request.name !== catalogue.name) {
    throw new KilnError(
      'bad-usage',
      `the catalogue ${withoutCredentials(url)} is of ${catalogue.name}, not of ${request.name}`,
      {
        hint: `use the name ${catalogue.name}`,
      },
    );
  }
  const { version, provider } = await chooseFromCatalogue(catalogue, request);
  if (provider.unknownChecksum !== undefined) {
    throw new KilnError(
      'unsupported',
      `the checksum of ${catalogue.name} ${version.version} is no known one: ${provider.unknownChecksum}`,
      {
        hint: 'known are md5, sha1, sha256, sha384 and sha512; tell those who keep the catalogue',
      },
    );
  }
  const box: NewBox = {
    name: catalogue.name,
    version: version.version,
    provider: provider.name,
    ...(provider.architecture !== undefined && { architecture: provider.architecture }),
    metadataUrl: url,
  };
  if (!request.force && (await isThere(services, box))) throw boxExists(box);
  return fetchAndPlace(services, box, request, {
    place: boxPlaceIn(place, provider.url, url),
    ...(provider.checksum && { checksum: provider.checksum }),
  });
}

/** A catalogue from the network names boxes of the network: a file of this host is not its to offer. */
export function boxPlaceIn(catalogue: BoxPlace, url: string, catalogueUrl: string): BoxPlace {
  if (catalogue.kind === 'file') return parsePlace(url, join(catalogue.path, '..'));
  const absolute = URL.canParse(url, catalogue.url.href) ? new URL(url, catalogue.url).href : url;
  const place = parsePlace(absolute);
  if (place.kind === 'http') return place;
  throw new KilnError(
    'file-unsafe',
    `the catalogue ${withoutCredentials(catalogueUrl)} names a file of this host, ${url}`,
    {
      hint: 'if that is meant, add the file by its path',
    },
  );
}

async function addFile(services: BoxServices, place: BoxPlace, request: AddBoxRequest): Promise<StoredBox> {
  const { name = request.fallbackName, version, checksum } = request;
  const shown = place.kind === 'http' ? withoutCredentials(place.url) : place.path;
  if (name === undefined || name === '') {
    throw new KilnError('bad-usage', `${shown} is a box without a catalogue, and so without a name`, {
      hint: 'give it one with --name',
    });
  }
  if (version !== undefined) {
    throw new KilnError('bad-usage', `${shown} is a box without a catalogue, which has no versions`, {
      hint: 'leave --box-version out',
    });
  }
  const [provider] = request.providers.length === 1 ? request.providers : [];
  const box = { name, version: '0', ...(provider !== undefined && { provider }) };
  if (provider !== undefined && !request.force && (await isThere(services, { ...box, provider })))
    throw boxExists({ ...box, provider });
  return fetchAndPlace(services, box, request, { place, ...(checksum && { checksum }) });
}

async function isThere({ boxes }: BoxServices, box: NewBox): Promise<boolean> {
  const { name, version, provider, architecture } = box;
  const found = await findBox(boxes, { name, providers: [provider], version: `= ${version}` });
  return found !== undefined && (architecture === undefined || found.folder === placeOfBox(boxes, box));
}

/** Fetches, unpacks and places. Until it is in its place, nobody sees anything of it. */
async function fetchAndPlace(
  services: BoxServices,
  wanted: Omit<NewBox, 'provider'> & { readonly provider?: string },
  request: AddBoxRequest,
  file: Pick<BoxFile, 'place' | 'checksum'>,
): Promise<StoredBox> {
  const shown = `${withoutCredentials(wanted.name)} ${wanted.version === '0' ? '' : wanted.version}`.trim();
  const run = await Run.open(services.home);
  try {
    const details: BoxFile = {
      ...file,
      shown,
      download: request.download,
      server: serverFor(services, request.server),
      ...(request.clean && { clean: true }),
    };
    return await withBoxFile(services, details, async (path) => {
      const staging = join(await stagingFolder(services.boxes, run), 'box');
      await mkdir(staging);
      const metadata = await unpackBox(path, staging, {
        signal: services.signal,
        shown: file.place.kind === 'http' ? shown : path,
        onProgress: progressReporter(services, `unpacking ${shown}`),
      });
      const expected = wanted.provider === undefined ? request.providers : [wanted.provider];
      if (expected.length > 0 && !expected.includes(metadata.provider)) {
        throw new KilnError(
          'file-unsafe',
          `${shown} is a box for ${metadata.provider}, not for ${expected.join(' or ')}`,
          {
            hint: 'get another one, or ask for that provider',
          },
        );
      }
      const architecture = wanted.architecture ?? metadata.architecture;
      const box: NewBox = {
        ...wanted,
        provider: metadata.provider,
        ...(architecture !== undefined && { architecture }),
      };
      await placeBox(services.boxes, staging, box, { replace: request.force ?? false });
      tellAboutBox(services, 'info', `the box ${shown} for ${metadata.provider} is here`);
      return {
        ...box,
        folder: placeOfBox(services.boxes, box),
        inArchitectureFolder: placeOfBox(services.boxes, box).endsWith(
          `/${architecture}/${metadata.provider}`,
        ),
      };
    });
  } finally {
    await run.close();
  }
}
