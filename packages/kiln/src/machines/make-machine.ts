import { rm } from 'node:fs/promises';
import { hostname as hostnameOfHost } from 'node:os';
import { KilnError, messageOf } from '../base/errors.ts';
import { formatSize } from '../base/sizes.ts';
import type { Guest } from '../guests/guest.ts';
import { createTemporaryKey } from '../guests/temporary-key.ts';
import { createOverlay } from '../hosts/qemu/disks.ts';
import type { MachineSpec } from '../plan/machine-spec.ts';
import type { LocalImage } from '../sources/image-resolver.ts';
import { adoptKey, keepKey } from './adopt-key.ts';
import { rootCommand } from './as-root.ts';
import { makeCloudSeed } from './cloud-seed.ts';
import { macAddress } from './devices.ts';
import { imagesOf, makeExtraDisks } from './extra-disks.ts';
import { type FirstLogin, firstLogin } from './first-login.ts';
import { type MachineFiles, type MachineRecord, machineFiles, writeRecord } from './machine-record.ts';
import { type MachineServices, tell } from './machine-services.ts';
import { offerAgent } from './offer-agent.ts';
import { serveBeforeBoot } from './settle-surroundings.ts';
import { abandonStart, type Started, startQemu, waitForLogin, writeKeyPair } from './start-machine.ts';
import { prepareSurroundings, type Surroundings } from './surroundings.ts';
import { placeCopy, startCopy, WarmUnfit } from './warm/copy-warm.ts';
import { giveIdentity, identityScript } from './warm/identity.ts';
import { takeDisksAway } from './warm/kept-disks.ts';
import { dropWarm } from './warm/make-warm.ts';
import { type WarmStart, warmStart } from './warm/warm-start.ts';

/** How a machine was started: as a copy of one that was booted before, or by a boot, and why not otherwise. */
export type StartKind =
  | { readonly kind: 'warm'; readonly isProvisioned: boolean }
  | { readonly kind: 'cold'; readonly why: string };

export interface MadeMachine {
  readonly record: MachineRecord;
  readonly start: StartKind;
}

/**
 * Gives a new machine, whose record is written, its disks and keys, and starts it. Its record says that it is ready
 * when this is done; when it fails, nothing of it runs.
 * @throws KilnError
 */
export async function makeMachine(
  services: MachineServices,
  record: MachineRecord,
  spec: MachineSpec,
  image: LocalImage,
  provisionedKey?: string,
): Promise<MadeMachine> {
  if (spec.diskSize !== undefined && spec.diskSize < image.virtualSize) {
    throw new KilnError(
      'template-invalid',
      `the disk of ${spec.name} would be smaller than its image, which has ${formatSize(image.virtualSize)}`,
      { hint: 'give it more, or no size' },
    );
  }
  const files = machineFiles(services.home, record.id);
  const [from, surroundings] = await Promise.all([
    warmStart(services, { record, spec, image }, provisionedKey),
    prepareSurroundings(services, record, spec),
    pinImages(services, record, image),
    makeKeys(files, record),
    makeExtraDisks(services.home, files, record.disks ?? []),
  ]);
  const { started, start } = await startNew(services, record, spec, image, from, surroundings);
  try {
    const { maker: _done, ...ready } = started.record;
    await writeRecord(services.home, ready);
    return { record: ready, start };
  } finally {
    started.qemu.qmp.close();
  }
}

async function pinImages(
  { store }: MachineServices,
  { id, disks }: MachineRecord,
  image: LocalImage,
): Promise<void> {
  for (const digest of [image.digest, ...imagesOf(disks)]) await store.pin({ kind: 'machine', id }, digest);
}

async function startNew(
  services: MachineServices,
  record: MachineRecord,
  spec: MachineSpec,
  image: LocalImage,
  from: WarmStart,
  surroundings: Surroundings,
): Promise<{ readonly started: Started; readonly start: StartKind }> {
  const files = machineFiles(services.home, record.id);
  // A server of folders takes a moment to start; whoever needs it says what is wrong with it.
  const serving = serveBeforeBoot(services, record, spec);
  serving.catch(() => {});
  let why = from.kind === 'cold' ? from.why : '';
  if (from.kind === 'warm') {
    try {
      if (record.hasCloudInit) {
        // cloud-init would take another instance for a new machine, and make keys for it at its next boot.
        const known = { ...record, id: from.snapshot.record.key.slice(0, 8) };
        await makeCloudSeed(files, spec.cloudInit, known, services.signal);
      }
      await placeCopy(files, from.snapshot);
      return {
        started: await startCopy(services, record, spec, from.snapshot, surroundings),
        start: { kind: 'warm', isProvisioned: from.isProvisioned },
      };
    } catch (error) {
      if (!(error instanceof WarmUnfit)) throw error;
      await dropWarm(services, from.snapshot.record.key, error);
      why = messageOf(error);
      await takeDisksAway(files, from.snapshot);
      for (const path of [files.knownHosts, files.efiVars]) await rm(path, { force: true });
      await makeExtraDisks(services.home, files, record.disks ?? []);
    }
  }
  if (record.hasCloudInit) await makeCloudSeed(files, spec.cloudInit, record, services.signal);
  await createOverlay(files.disk, image.path, 'qcow2', spec.diskSize, { signal: services.signal });
  return { started: await boot(services, record, spec, surroundings), start: { kind: 'cold', why } };
}

async function boot(
  services: MachineServices,
  record: MachineRecord,
  spec: MachineSpec,
  surroundings: Surroundings,
): Promise<Started> {
  const files = machineFiles(services.home, record.id);
  tell(services, record.name, 'booting');
  const started = await startQemu(services, record, { surroundings });
  try {
    const { seeded } = record.image;
    const first: FirstLogin = seeded ? timeoutOf(spec) : await firstLogin(spec.login);
    const guest = await waitForLogin(services, started, first);
    try {
      if (!seeded) {
        const [key] = first.privateKeys ?? [];
        if (spec.login.adoptKey === false && key !== undefined) await keepKey(files, key);
        else await adoptKey(guest, files, first);
        if (spec.hostname !== undefined) await nameMachine(services, guest, record);
      }
      await offerAgent(services, guest);
    } finally {
      await guest.close();
    }
    return started;
  } catch (error) {
    await abandonStart(started, files);
    throw error;
  }
}

export function timeoutOf({ login: { timeout } }: MachineSpec): { timeout?: number } {
  return timeout === undefined ? {} : { timeout };
}

/** Such images do not learn their name from Kiln when they boot. */
async function nameMachine(services: MachineServices, guest: Guest, record: MachineRecord): Promise<void> {
  const mac = macAddress(record);
  const script = identityScript({ hostname: record.hostname, mac, oldMac: mac, hostKeys: [] });
  try {
    await giveIdentity(guest, rootCommand(script), services.signal);
  } catch (error) {
    if (!(error instanceof KilnError) || error.code === 'cancelled') throw error;
    const text = `the machine keeps the name of its image: ${error.message}`;
    services.emit({ kind: 'message', build: record.name, level: 'warning', text });
  }
}

async function makeKeys(files: MachineFiles, record: MachineRecord): Promise<void> {
  const comment = `kiln-${record.name}@${hostnameOfHost()}`;
  await writeKeyPair(files, await createTemporaryKey({ type: 'ed25519', name: comment }));
}
