import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { exists } from '../../base/files.ts';
import { withLock } from '../../base/locks.ts';
import type { BoxImage } from '../../plan/image-ref.ts';
import { findBox, listBoxes, type StoredBox } from '../../store/boxes/stored-boxes.ts';
import { takeUpdateCheck } from '../../store/boxes/update-stamp.ts';
import type { Store } from '../../store/store.ts';
import type { DownloadTiming } from '../download.ts';
import { type ImageLogin, type LocalImage, notPresent, type ResolveContext } from '../image-resolver.ts';
import { withoutCredentials } from '../image-url.ts';
import { storedImage } from '../stored-image.ts';
import { addBox } from './add-box.ts';
import { findBoxDisks } from './box-disks.ts';
import { serverFor } from './box-server.ts';
import { type BoxServices, boxServices, tellAboutBox } from './box-services.ts';
import { usableProviders } from './choose-from-catalogue.ts';
import { insecureKeyFiles } from './insecure-keys.ts';
import { stateOfBox } from './outdated.ts';
import { catalogueAt, parsePlace } from './read-catalogue.ts';
import { storeBoxDisk } from './store-box-disk.ts';

export interface BoxImageOptions {
  readonly store: Store;
  readonly env: NodeJS.ProcessEnv;
  readonly timing: DownloadTiming;
}

/** Longest wait for what a catalogue says of newer versions, in milliseconds. */
const longestCheck = 5000;

/**
 * The disk of a box as an image of the store. A box that is not here is got first. Whether there is a newer version is
 * asked once an hour at most, and only told of.
 * @throws KilnError as `addBox`; `file-unsafe` for a box whose disks are not to be trusted
 */
export async function resolveBoxImage(
  { store, env, timing }: BoxImageOptions,
  ref: BoxImage,
  context: ResolveContext,
): Promise<LocalImage> {
  const services = boxServices({ home: store.home, env, timing, ...context });
  const box = await findOrAdd(services, ref, context);
  const shown = `${withoutCredentials(box.name)} ${box.version === '0' ? '' : box.version}`.trim();
  const { disks, metadata, firmware } = await findBoxDisks(box.folder, shown);
  const images: LocalImage[] = [];
  for (const [index, disk] of disks.entries()) {
    const details = {
      ...disk,
      folder: box.folder,
      box: shown,
      ...(index === 0 && metadata.virtualSize !== undefined && { claimedSize: metadata.virtualSize }),
      ...(firmware && { firmware }),
    };
    images.push(storedImage(store, await storeBoxDisk(store, details, context)));
  }
  const [first, ...more] = images;
  const { inArchitectureFolder: _layout, ...facts } = box;
  return {
    ...first!,
    user: 'vagrant',
    login: await loginOf(services, box),
    box: facts,
    ...(more.length > 0 && { moreDisks: more }),
    ...(firmware && { firmware }),
  };
}

/** A box that `vagrant package` made of a machine brings that machine's key along. */
async function loginOf({ boxes }: BoxServices, { folder }: StoredBox): Promise<ImageLogin> {
  const own = join(folder, 'vagrant_private_key');
  const files = await insecureKeyFiles(boxes);
  return {
    user: 'vagrant',
    password: 'vagrant',
    privateKeyFiles: (await exists(own)) ? [own, ...files] : files,
  };
}

async function findOrAdd(services: BoxServices, ref: BoxImage, context: ResolveContext): Promise<StoredBox> {
  const name = await nameOf(services, ref);
  const wish = {
    name,
    providers: ref.providers.length > 0 ? ref.providers : usableProviders,
    ...(ref.version !== undefined && { version: ref.version }),
    ...(ref.architecture !== undefined && { architecture: ref.architecture }),
  };
  const find = () => findBox(services.boxes, wish);
  const found = await find();
  const isOld = found !== undefined && (await isOlderThanFile(found, ref));
  if (found && !isOld) {
    if (!context.onlyPresent) await tellOfNewer(services, ref, found);
    return found;
  }
  if (context.onlyPresent) throw notPresent(`the box ${ref.name}`);
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
  const waiting = {
    what: `the box ${ref.name}`,
    wait: Number.POSITIVE_INFINITY,
    signal: services.signal,
    onWait: ({ pid }: { readonly pid: number }) =>
      tellAboutBox(services, 'info', `process ${pid} is getting the box ${ref.name}; waiting for it`),
  };
  // Several machines of a project have the same box as a rule, and come up at the same time.
  return withLock(join(services.home, 'locks', `box-${digest}`), waiting, async () => {
    const present = await find();
    return present && !(await isOlderThanFile(present, ref)) ? present : add(services, ref, name);
  });
}

/** An address may stand where a name does. What is there is known by its own name when it is a catalogue. */
async function nameOf(services: BoxServices, { name, urls, server, download }: BoxImage): Promise<string> {
  if (urls.length > 0 || !isAddress(name)) return name;
  const known = (await listBoxes(services.boxes)).find(({ metadataUrl }) => metadataUrl === name);
  if (known) return known.name;
  const place = parsePlace(name);
  if (place.kind === 'http') return name;
  const options = { server: serverFor(services, server), download };
  return (await catalogueAt(services, place, options))?.name ?? name;
}

function isAddress(name: string): boolean {
  return /^(?:\/|[a-z][a-z0-9+.-]*:\/\/)/i.test(name);
}

/** A box that was named by its file's path and made anew since. */
async function isOlderThanFile({ folder, version }: StoredBox, { name, urls }: BoxImage): Promise<boolean> {
  if (urls.length > 0 || !name.startsWith('/') || version !== '0') return false;
  try {
    return (await stat(name)).mtimeMs > (await stat(join(folder, 'metadata.json'))).mtimeMs;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

function add(services: BoxServices, ref: BoxImage, name: string): Promise<StoredBox> {
  if (ref.checksum?.kind === 'from') {
    throw new KilnError('unsupported', `the checksum of the box ${ref.name} is to come from a file`, {
      hint: 'write the checksum itself',
    });
  }
  return addBox(services, {
    sources: ref.urls.length > 0 ? ref.urls : [ref.name],
    providers: ref.providers,
    pick: async (names) => usableProviders.find((one) => names.includes(one)),
    download: ref.download,
    folder: process.cwd(),
    // The catalogue at a URL has a name of its own.
    ...(isAddress(name) && ref.urls.length === 0 ? { fallbackName: name } : { name }),
    ...(ref.version !== undefined && { version: ref.version }),
    ...(ref.architecture !== undefined && { architecture: ref.architecture }),
    ...(ref.server !== undefined && { server: ref.server }),
    ...(ref.checksum?.kind === 'digest' && { checksum: ref.checksum }),
    ...(isAddress(ref.name) && ref.urls.length === 0 && { force: true }),
  });
}

/** Nothing depends on it: neither a missing network nor a broken catalogue is of importance. */
async function tellOfNewer(services: BoxServices, ref: BoxImage, box: StoredBox): Promise<void> {
  const isOff = !ref.checkForUpdates || Boolean(services.env['VAGRANT_BOX_UPDATE_CHECK_DISABLE']);
  if (isOff || box.metadataUrl === undefined || !(await takeUpdateCheck(box))) return;
  const limit = AbortSignal.any([services.signal, AbortSignal.timeout(longestCheck)]);
  try {
    const state = await stateOfBox({ ...services, signal: limit }, box, {
      download: ref.download,
      ...(ref.version !== undefined && { version: ref.version }),
      ...(ref.server !== undefined && { server: ref.server }),
    });
    if (state.kind === 'unknown')
      tellAboutBox(
        services,
        'info',
        `whether there is a newer ${box.name} could not be found out: ${state.problem.message}`,
      );
    if (state.kind !== 'outdated') return;
    const how = state.isHere
      ? 'destroy the machine to have it made of that'
      : `get it with \`kiln box update --box ${box.name}\``;
    tellAboutBox(
      services,
      'warning',
      `there is a newer version of ${box.name}: ${state.latest} (this is ${box.version}); ${how}`,
    );
  } catch (error) {
    if (services.signal.aborted || !(error instanceof KilnError)) throw error;
    tellAboutBox(services, 'info', `the catalogue of ${box.name} did not answer in time`);
  }
}
