import { chmod, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from '../../base/cancellation.ts';
import { KilnError, messageOf } from '../../base/errors.ts';
import { startAgent } from '../../guests/agent/start-agent.ts';
import { agentAnswers, agentGuest } from '../../guests/agent-guest.ts';
import { createTemporaryKey } from '../../guests/temporary-key.ts';
import { createOverlay } from '../../hosts/qemu/disks.ts';
import { copyMemory, saveDeviceState } from '../../hosts/qemu/saved-memory.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import { type BootFiles, readBootFiles } from '../../sources/boot-files.ts';
import type { LocalImage } from '../../sources/image-resolver.ts';
import { Run } from '../../store/run.ts';
import { pruneWarm, warmBudget } from '../../store/warm/prune-warm.ts';
import type { WarmRecord } from '../../store/warm/warm-record.ts';
import { keepWarm, newWarmFolder, removeWarm, type WarmSnapshot } from '../../store/warm/warm-store.ts';
import { makeCloudSeed } from '../cloud-seed.ts';
import { macAddress } from '../devices.ts';
import { imagesOf, makeExtraDisks } from '../extra-disks.ts';
import { firstLogin } from '../first-login.ts';
import { agentSite } from '../machine-agent.ts';
import { type MachineFiles, type MachineRecord, machineFilesIn } from '../machine-record.ts';
import { type MachineServices, tell } from '../machine-services.ts';
import { isolate } from '../outside-network.ts';
import type { KernelFiles } from '../qemu-arguments.ts';
import { type Started, startQemu, waitForLogin, writeKeyPair } from '../start-machine.ts';
import { giveIdentity, identityScript } from './identity.ts';
import { moveBroughtDisks } from './kept-disks.ts';
import { baseName, describeMachine, hostKeyKinds, makeEmpty } from './kept-parts.ts';
import { rehearsal } from './rehearsal.ts';

export interface WarmRequest {
  readonly key: string;
  readonly image: LocalImage;
  /** The machine that it is made for: what it is like, and how to log in. */
  readonly record: MachineRecord;
  readonly spec: MachineSpec;
}

/** Bound on the wait for what goes on after the login is possible; copies would all finish it. */
const patienceForBoot = 15_000;

/**
 * Boots a machine that is nobody's, has the agent started in it, and keeps it as it is then. It never has anything of
 * the machine that it is made for, and ends with this command.
 * @throws KilnError `unsupported` when such machines cannot be copied, with the reason; as `waitForLogin` when the
 *   machine does not come up
 */
export async function makeWarm(services: MachineServices, request: WarmRequest): Promise<WarmSnapshot> {
  const { record, image } = request;
  const boot = record.firmware === 'bios' ? await readBootFiles(image) : undefined;
  if (boot) {
    try {
      return await bootAndKeep(services, request, boot);
    } catch (error) {
      // Such as one that restarts in the middle of its first boot.
      if (!(error instanceof KilnError) || !ofTheBoot.has(error.code)) throw error;
      tell(services, record.name, 'it does not come up without its boot loader: booting it from its disk');
    }
  }
  return bootAndKeep(services, request);
}

/** Failures that may be due to how a machine was booted. */
const ofTheBoot = new Set(['qemu-failed', 'guest-unreachable']);

/** @param boot what to boot in the place of the disk's boot loader, whose reads an emulated BIOS needs seconds for */
async function bootAndKeep(
  services: MachineServices,
  request: WarmRequest,
  boot?: BootFiles,
): Promise<WarmSnapshot> {
  const { home, signal } = services;
  const run = await Run.open(home);
  try {
    const files = machineFilesIn(run.folder);
    const record = nobody(request.record, request.key);
    for (const digest of [request.image.digest, ...imagesOf(record.disks)])
      await services.store.pin({ kind: 'run', id: run.id }, digest);
    run.scope.defer('letting the image go', () => services.store.unpin({ kind: 'run', id: run.id }));
    await createOverlay(files.disk, request.image.path, 'qcow2', request.spec.diskSize, { signal });
    await makeExtraDisks(home, files, record.disks ?? []);
    if (record.hasCloudInit) await makeCloudSeed(files, request.spec.cloudInit, record, signal);
    const pair = await createTemporaryKey({ type: 'ed25519', name: 'kiln' });
    await writeKeyPair(files, pair);
    const started = await startQemu(services, record, {
      files,
      run,
      memory: { kind: 'shared' },
      ...(boot ? { kernel: await placeBootFiles(boot, join(run.folder, 'boot')) } : {}),
      seed: { authorizedKeys: [pair.publicKey], instance: record.id },
    });
    run.scope.defer('ending QEMU', () => started.qemu.kill());
    const hostKeys = await prepare(services, request, started, files);
    const made = await freeze(services, request, started, files, hostKeys);
    await pruneWarm(home, { maxBytes: await warmBudget(home) });
    return made;
  } finally {
    await run.close();
  }
}

async function placeBootFiles(boot: BootFiles, folder: string): Promise<KernelFiles> {
  const [kernel, initrd] = [join(folder, 'kernel'), join(folder, 'initrd')];
  await mkdir(folder, { mode: 0o700 });
  await Promise.all([
    writeFile(kernel, boot.kernel, { mode: 0o600 }),
    writeFile(initrd, boot.initrd, { mode: 0o600 }),
  ]);
  return { kernel, initrd, arguments: boot.arguments };
}

/** The same machine as another, but nobody's. */
function nobody(record: MachineRecord, key: string): MachineRecord {
  const { maker: _maker, project: _project, sshForward: _forward, hardware, ...rest } = record;
  const { mac: _mac, ...devices } = hardware ?? {};
  return {
    ...rest,
    id: key.slice(0, 8),
    hostname: '',
    ports: [],
    ...(hardware === undefined ? {} : { hardware: devices }),
  };
}

/** Brings the machine to where copies begin. Gives the kinds of its host keys. */
async function prepare(
  services: MachineServices,
  { spec, record: machine }: WarmRequest,
  started: Started,
  files: MachineFiles,
): Promise<readonly string[]> {
  const { signal } = services;
  const { timeout } = spec.login;
  const first = machine.image.seeded
    ? timeout === undefined
      ? {}
      : { timeout }
    : await firstLogin(spec.login);
  const ssh = await waitForLogin(services, started, first, files);
  try {
    await startAgent(ssh, signal);
  } finally {
    await ssh.close();
  }
  const site = agentSite(files);
  for (let tries = 0; !(await agentAnswers(site, signal)); tries++) {
    if (tries >= 20)
      throw new KilnError('unsupported', "the machine cannot run Kiln's agent: it does not answer");
    await sleep(200, signal);
  }
  const root = agentGuest(site, 'root');
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceForBoot)]);
  await root
    .exec({ command: 'systemctl is-system-running --wait >/dev/null 2>&1', signal: limit })
    .catch((error: unknown) => {
      if (signal.aborted) throw error;
    });
  const hostKeys = await hostKeyKinds(root, signal);
  // What copies do first is tried, and what it reads is in memory from then on.
  const mac = macAddress(started.record);
  const script = identityScript({ mac, oldMac: mac, hostKeys: [] });
  await giveIdentity(agentGuest(site, 'root', 'inline'), script, signal);
  await root.exec({ command: `( ${rehearsal} ) >/dev/null 2>&1; sync`, signal });
  return hostKeys;
}

async function freeze(
  services: MachineServices,
  { key, record: machine, spec }: WarmRequest,
  { qemu, record }: Started,
  files: MachineFiles,
  hostKeys: readonly string[],
): Promise<WarmSnapshot> {
  const { home } = services;
  const kept = await newWarmFolder(home, key);
  try {
    await qemu.qmp.expect('stop');
    await isolate(qemu.qmp);
    await saveDeviceState(qemu, kept.state);
    await copyMemory(qemu, kept.memory);
    // QEMU writes what it still holds of the disk.
    await qemu.qmp.execute('quit').catch(() => undefined);
    await qemu.ended;
    await rename(files.disk, kept.disk);
    await makeEmpty(kept, baseName(key));
    for (const path of [kept.disk, kept.empty]) await chmod(path, 0o600);
    const disks = await moveBroughtDisks(files, kept, key, record);
    if (record.firmware === 'efi') await copyFile(files.efiVars, kept.efiVars);
    const warm: WarmRecord = {
      schema: 1,
      key,
      createdAt: new Date().toISOString(),
      image: { id: machine.image.id!, description: machine.image.description },
      machine: describeMachine(record, spec.diskSize),
      mac: macAddress(record),
      hostKeys,
      ...(disks.length === 0 ? {} : { disks }),
    };
    return await keepWarm(home, warm, kept);
  } catch (error) {
    await rm(kept.folder, { recursive: true, force: true });
    throw error;
  }
}

/** Takes away a snapshot that turned out to be of no use. */
export async function dropWarm(services: MachineServices, key: string, error: unknown): Promise<void> {
  tell(services, 'warm start', `a kept machine is of no use and was removed: ${messageOf(error)}`);
  await removeWarm(services.home, key);
}
