import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { exists, readJsonIfExists, writeFileAtomically } from '../../base/files.ts';
import { parseGemRequirement } from '../../base/gem-requirement.ts';
import { withLock } from '../../base/locks.ts';
import type { BoxDownload } from '../../plan/image-ref.ts';
import { folderOfBox } from '../../store/boxes/box-names.ts';
import { hostArchitecture } from '../../store/boxes/host-architecture.ts';
import { Run } from '../../store/run.ts';
import { compareDigest, type DigestChecksum } from '../checksums.ts';
import { digestAll } from '../file-digests.ts';
import { withoutCredentials } from '../image-url.ts';
import { progressReporter } from '../progress.ts';
import { boxPlaceIn } from './add-box.ts';
import { serverFor } from './box-server.ts';
import { type BoxServices, tellAboutBox } from './box-services.ts';
import { type Catalogue, type CatalogueProvider, parseCatalogue } from './catalogue.ts';
import { withBoxFile } from './fetch-box-file.ts';
import { type LocatedBox, locateBox } from './locate-box.ts';

export interface MirrorRequest {
  /** Names (`user/box`), or URLs or paths of catalogues. */
  readonly sources: readonly string[];
  /** The folder that becomes a registry. */
  readonly to: string;
  /** Where the folder will be served; without it the catalogues name its files. */
  readonly baseUrl?: string;
  /** Only for these; none: for all. */
  readonly providers: readonly string[];
  /** RubyGems constraints, or `newest`; undefined: all versions. */
  readonly version?: string;
  /** `auto` for this host's; undefined: all. */
  readonly architecture?: string;
  readonly server?: string;
  readonly download: BoxDownload;
  readonly folder: string;
}

export interface MirroredBox {
  readonly name: string;
  readonly version: string;
  readonly provider: string;
  readonly architecture?: string;
  readonly file: string;
  /** It was there already, and is what its checksum says. */
  readonly wasThere: boolean;
}

/** A file of a mirrored catalogue, in the words of the format. */
interface MirroredFile {
  readonly name: string;
  readonly url: string;
  readonly checksum_type: string;
  readonly checksum: string;
  readonly architecture?: string;
  readonly default_architecture?: boolean;
}

/**
 * Copies boxes and their catalogues into a folder of plain files that is a registry for Kiln and Vagrant: under a web
 * server, or as it is. Every file is compared with its checksum, or gets one. A catalogue names only what is there whole,
 * so that a mirror that was interrupted can be used, and going on costs no more than reading what is there.
 * @throws KilnError as `addBox`; `unsupported` for a box without a catalogue
 */
export async function mirrorBoxes(
  services: BoxServices,
  request: MirrorRequest,
): Promise<readonly MirroredBox[]> {
  const to = resolve(request.folder, request.to);
  await mkdir(to, { recursive: true });
  const mirrored: MirroredBox[] = [];
  const waiting = { what: `the mirror ${to}`, wait: 0, signal: services.signal };
  await withLock(join(to, '.kiln-mirror.lock'), waiting, async () => {
    await writeFileAtomically(join(to, '.htaccess'), apacheSettings);
    for (const source of request.sources) {
      const located = await locateBox(services, source, request);
      if (located.kind === 'file') {
        throw new KilnError('unsupported', `${source} is a box without a catalogue`, {
          hint: 'name the catalogue, or the box as user/box',
        });
      }
      mirrored.push(...(await mirrorOne(services, located, { ...request, to })));
    }
  });
  return mirrored;
}

/** Apache sends files without an ending, which catalogues are, as JSON then: Vagrant believes what servers say. */
const apacheSettings = `<FilesMatch "^[^.]+$">
  ForceType application/json
</FilesMatch>
`;

async function mirrorOne(
  services: BoxServices,
  { catalogue, place, url }: Extract<LocatedBox, { kind: 'catalogue' }>,
  request: MirrorRequest,
): Promise<MirroredBox[]> {
  const { name } = catalogue;
  folderOfBox(name);
  if (
    /^(?:boxes|api)(?:\/|$)/.test(name) ||
    name.split('/').some((part) => part === '' || part.startsWith('.'))
  )
    throw new KilnError(
      'file-unsafe',
      `the catalogue ${withoutCredentials(url)} has a name that cannot be mirrored: ${name}`,
    );
  const chosen = filesToMirror(catalogue, request);
  if (chosen.length === 0) {
    throw new KilnError('not-found', `the catalogue of ${name} has nothing of what is to be mirrored`, {
      hint: 'look at --provider, --box-version and --architecture',
    });
  }
  const known = new KnownFiles(await existingCatalogue(request.to, name), catalogue, name, request);
  const mirrored: MirroredBox[] = [];
  for (const { version, provider } of chosen) {
    const file = boxFile(name, version, provider);
    const checksum = provider.checksum ?? known.checksumOf(version, provider);
    const source = boxPlaceIn(place, provider.url, url);
    const wasThere = checksum !== undefined && (await isWhole(services, join(request.to, file), checksum));
    const digest = wasThere
      ? checksum
      : await copyBox(services, request, file, { source, provider, shown: `${name} ${version}` });
    known.put(version, provider, file, digest);
    await writeCatalogue(request.to, name, known.catalogue());
    mirrored.push({
      name,
      version,
      provider: provider.name,
      ...(provider.architecture !== undefined && { architecture: provider.architecture }),
      file: join(request.to, file),
      wasThere,
    });
    if (!wasThere) tellAboutBox(services, 'info', `copied ${name} ${version} for ${provider.name}`);
  }
  return mirrored;
}

interface Chosen {
  readonly version: string;
  readonly provider: CatalogueProvider;
}

function filesToMirror(catalogue: Catalogue, { providers, version, architecture }: MirrorRequest): Chosen[] {
  const wanted = architecture === 'auto' ? hostArchitecture() : architecture;
  const isWanted = (file: CatalogueProvider) =>
    (providers.length === 0 || providers.includes(file.name)) &&
    (wanted === undefined || [wanted, 'unknown', undefined].includes(file.architecture));
  const requirement = parseGemRequirement(version === undefined || version === 'newest' ? '' : version);
  const versions = catalogue.versions
    .filter(({ parsed }) => requirement.allows(parsed))
    .map((one) => ({ version: one.version, files: one.providers.filter(isWanted) }))
    .filter(({ files }) => files.length > 0);
  return versions
    .slice(0, version === 'newest' ? 1 : versions.length)
    .flatMap((one) => one.files.map((provider) => ({ version: one.version, provider })));
}

/** Names come from a catalogue of somebody else. @throws KilnError `file-unsafe` */
function boxFile(name: string, version: string, { name: provider, architecture }: CatalogueProvider): string {
  const parts = [provider, ...(architecture === undefined ? [] : [architecture])];
  const isPlain = [...parts, version].every((part) => /^[A-Za-z0-9][\w.+-]{0,63}$/.test(part));
  if (isPlain) return `boxes/${name}/${version}/${parts.join('-')}.box`;
  throw new KilnError(
    'file-unsafe',
    `the catalogue of ${name} has names that no file can have: ${[version, ...parts].join(' ')}`,
  );
}

async function isWhole(services: BoxServices, path: string, checksum: DigestChecksum): Promise<boolean> {
  if (!(await exists(path))) return false;
  const onProgress = progressReporter(services, `reading ${path}`);
  const digests = await digestAll(path, [checksum.algorithm], { signal: services.signal, onProgress });
  return digests[checksum.algorithm] === checksum.hex;
}

async function copyBox(
  services: BoxServices,
  { to, server, download }: MirrorRequest,
  file: string,
  box: {
    readonly source: ReturnType<typeof boxPlaceIn>;
    readonly provider: CatalogueProvider;
    readonly shown: string;
  },
): Promise<DigestChecksum> {
  const { source, provider, shown } = box;
  const path = join(to, file);
  await mkdir(dirname(path), { recursive: true });
  const run = await Run.open(services.home);
  const unfinished = `${path}.${run.id}.part`;
  run.ownPath(unfinished);
  const { checksum } = provider;
  try {
    const details = {
      place: source,
      download,
      server: serverFor(services, server),
      shown,
      ...(checksum && { checksum }),
    };
    await withBoxFile(services, details, (fetched) => copyFile(fetched, unfinished));
    // Of the copy: what is in the mirror is what counts.
    const algorithms = checksum ? [checksum.algorithm] : (['sha256'] as const);
    const digests = await digestAll(unfinished, algorithms, { signal: services.signal });
    if (checksum) compareDigest(checksum, digests[checksum.algorithm], path);
    await rename(unfinished, path);
    return checksum ?? { kind: 'digest', algorithm: 'sha256', hex: digests.sha256! };
  } finally {
    await rm(unfinished, { force: true });
    await run.close();
  }
}

/** What the mirror's catalogue of a box is going to say: what it said before, and what came since. */
class KnownFiles {
  readonly #versions = new Map<string, Map<string, MirroredFile>>();
  readonly #source: Catalogue;
  readonly #base: string;
  readonly #name: string;

  constructor(
    before: Catalogue | undefined,
    source: Catalogue,
    name: string,
    { to, baseUrl }: MirrorRequest,
  ) {
    this.#source = source;
    this.#base = (baseUrl ?? `file://${encodeURI(to)}`).replace(/\/+$/, '');
    this.#name = name;
    for (const { version, providers } of before?.versions ?? [])
      for (const provider of providers)
        if (provider.checksum)
          this.put(version, provider, boxFile(name, version, provider), provider.checksum);
  }

  checksumOf(version: string, provider: CatalogueProvider): DigestChecksum | undefined {
    const file = this.#versions.get(version)?.get(keyOf(provider));
    return file && ({ kind: 'digest', algorithm: file.checksum_type, hex: file.checksum } as DigestChecksum);
  }

  put(version: string, provider: CatalogueProvider, file: string, { algorithm, hex }: DigestChecksum): void {
    const files = this.#versions.get(version) ?? new Map<string, MirroredFile>();
    this.#versions.set(version, files);
    const { name, architecture, isDefault } = provider;
    files.set(keyOf(provider), {
      name,
      url: `${this.#base}/${encodeURI(file)}`,
      checksum_type: algorithm,
      checksum: hex,
      ...(architecture !== undefined && { architecture, default_architecture: isDefault }),
    });
  }

  catalogue(): object {
    const { description } = this.#source;
    const text = (version: string) => ({ version, providers: [...this.#versions.get(version)!.values()] });
    return {
      name: this.#name,
      ...(description !== undefined && { description }),
      versions: [...this.#versions.keys()].map(text),
    };
  }
}

function keyOf({ name, architecture }: CatalogueProvider): string {
  return JSON.stringify([name, architecture]);
}

async function existingCatalogue(to: string, name: string): Promise<Catalogue | undefined> {
  const path = join(to, `${name}.json`);
  const value = await readJsonIfExists(path);
  return value === undefined ? undefined : parseCatalogue(JSON.stringify(value), path);
}

/** Under every address that a client asks for: that of Vagrant 2.4 and later, that of those before, and one with an ending. */
async function writeCatalogue(to: string, name: string, catalogue: object): Promise<void> {
  const text = `${JSON.stringify(catalogue, null, 2)}\n`;
  for (const path of [`${name}.json`, `api/v2/vagrant/${name}`, name]) {
    await mkdir(dirname(join(to, path)), { recursive: true });
    await writeFileAtomically(join(to, path), text);
  }
}
