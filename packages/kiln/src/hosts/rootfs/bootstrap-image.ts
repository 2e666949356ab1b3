import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from '../../base/locks.ts';
import { kilnVersion } from '../../base/version.ts';
import type { DistributionImage } from '../../plan/image-ref.ts';
import { loginUser } from '../../sources/bootstrap/guest-files.ts';
import { systemRecipe } from '../../sources/bootstrap/install-system.ts';
import { findRelease, type Release } from '../../sources/bootstrap/release.ts';
import { type LocalImage, notPresent, type ResolveContext } from '../../sources/image-resolver.ts';
import { storedImage } from '../../sources/stored-image.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import { Run } from '../../store/run.ts';
import type { Store } from '../../store/store.ts';
import { attestImage } from '../../supply/attest/attest-image.ts';
import { makeSystem } from './make-system.ts';

/** To be raised when a change elsewhere changes what is in the image. */
const recipeVersion = 6;

/** Bootstrapping takes about a minute; whoever waits for another command's does so this long, in milliseconds. */
const patience = 30 * 60_000;

/**
 * The image of a distribution's release: the one in the store when the recipe has not changed, else a new one.
 * @throws KilnError `not-found` for an unknown release, and what bootstrapping throws
 */
export async function bootstrapImage(
  store: Store,
  ref: DistributionImage,
  context: ResolveContext,
): Promise<LocalImage> {
  const release = findRelease(ref.distribution, ref.release);
  const key = createHash('sha256')
    .update(`${recipeVersion} ${systemRecipe(release)}`)
    .digest('hex');
  const known = await store.findByKey(key);
  if (known) return storedImage(store, known);
  const name = `${release.distribution}/${release.version}`;
  if (context.onlyPresent) throw notPresent(name);
  const lock = join(store.layout.locks, `bootstrap-${release.distribution}-${release.version}.lock`);
  const onWait = () => say(context, `waiting for another command that is making ${name}`);
  return withLock(lock, { what: name, wait: patience, signal: context.signal, onWait }, async () => {
    const made = (await store.findByKey(key)) ?? (await make(store, release, key, name, context));
    return storedImage(store, made);
  });
}

async function make(
  store: Store,
  release: Release,
  key: string,
  name: string,
  context: ResolveContext,
): Promise<ImageRecord> {
  const startedAt = new Date();
  say(context, `making the base image ${name}; this is done once`);
  const run = await Run.open(store.home);
  try {
    const scratch = join(run.folder, 'bootstrap');
    await mkdir(scratch);
    const { disk, packages } = await makeSystem(release, {
      home: store.home,
      scratch,
      signal: context.signal,
      onStage: (phrase) => say(context, `${name}: ${phrase}`),
      onStart: (pid) => run.ownProcess(pid),
    });
    const layer = await store.addLayer({
      diskPath: disk,
      format: 'qcow2',
      move: true,
      signal: context.signal,
    });
    const finishedAt = new Date();
    const record: ImageRecord = {
      schema: 1,
      id: layer.digest,
      layers: layer.layers,
      virtualSize: layer.virtualSize,
      createdAt: finishedAt.toISOString(),
      seeded: true,
      firmware: ['bios', 'efi'],
      user: loginUser,
      provenance: {
        kilnVersion,
        made: `bootstrap ${name}`,
        key,
        startedAt: startedAt.toISOString(),
        finishedAt: finishedAt.toISOString(),
        packages,
      },
    };
    await store.putImage(record, [name]);
    return await attestImage(store, record, {});
  } finally {
    await run.close();
  }
}

function say(context: ResolveContext, text: string): void {
  context.emit({
    kind: 'message',
    level: 'info',
    text,
    ...(context.build === undefined ? {} : { build: context.build }),
  });
}
