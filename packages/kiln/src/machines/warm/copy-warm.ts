import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { agentGuest } from '../../guests/agent-guest.ts';
import { loadState } from '../../hosts/qemu/migration.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import type { WarmSnapshot } from '../../store/warm/warm-store.ts';
import { adoptKey, keepKey } from '../adopt-key.ts';
import { type MemoryPlace, macAddress } from '../devices.ts';
import { firstLogin } from '../first-login.ts';
import { agentSite } from '../machine-agent.ts';
import { type MachineFiles, type MachineRecord, machineFiles } from '../machine-record.ts';
import type { MachineServices } from '../machine-services.ts';
import { leadOut } from '../outside-network.ts';
import { abandonStart, openPorts, type Started, startQemu } from '../start-machine.ts';
import { plugInCards, type Surroundings } from '../surroundings.ts';
import { makeHostKeys } from './host-keys.ts';
import { giveIdentity, identityScript } from './identity.ts';
import { placeDisks } from './kept-disks.ts';

/** The snapshot itself is at fault, and a boot would do. */
export class WarmUnfit extends KilnError {
  constructor(cause: unknown) {
    super(
      'qemu-failed',
      `the kept machine cannot be used: ${cause instanceof Error ? cause.message : cause}`,
      {
        cause,
      },
    );
  }
}

/** Gives a machine its disks, as `placeDisks`. @throws WarmUnfit */
export async function placeCopy(files: MachineFiles, warm: WarmSnapshot): Promise<void> {
  try {
    await placeDisks(files, warm);
  } catch (error) {
    throw isSystemError(error, 'ENOENT', 'EXDEV', 'EPERM', 'EMLINK') ? new WarmUnfit(error) : error;
  }
}

/**
 * Starts a machine from a snapshot and makes it one of its own, before its ports are opened. Its key pair and extra
 * disks are there already. The caller closes `qemu.qmp`.
 * @throws WarmUnfit when the snapshot does not do; nothing runs then
 * @throws KilnError as `startQemu`
 */
export async function startCopy(
  services: MachineServices,
  record: MachineRecord,
  spec: MachineSpec,
  warm: WarmSnapshot,
  { cards }: Pick<Surroundings, 'cards'>,
): Promise<Started> {
  const { signal } = services;
  const files = machineFiles(services.home, record.id);
  const making = makeHostKeys(warm.record.hostKeys);
  making.catch(() => {}); // told when it is needed
  if (record.firmware === 'efi') await copyFile(warm.files.efiVars, files.efiVars);
  const { isWhole = false } = warm.record;
  const memory: MemoryPlace = isWhole ? { kind: 'private' } : { kind: 'copy-of', file: warm.files.memory };
  const started = await startQemu(services, record, { incoming: true, memory }).catch((error: unknown) => {
    throw error instanceof KilnError && error.code === 'qemu-failed' ? new WarmUnfit(error) : error;
  });
  const { qmp } = started.qemu;
  try {
    try {
      await loadState(qmp, warm.files.state, { withoutMemory: !isWhole, signal });
      await leadOut(qmp);
      await qmp.expect('cont');
      await plugInCards(qmp, cards);
    } catch (error) {
      throw error instanceof KilnError && error.code === 'qemu-failed' ? new WarmUnfit(error) : error;
    }
    const site = agentSite(files);
    const hostKeys = await making;
    const hasOwnName = record.image.seeded || spec.hostname !== undefined;
    const script = identityScript({
      ...(hasOwnName ? { hostname: record.hostname } : {}),
      mac: macAddress(record),
      oldMac: warm.record.mac,
      hostKeys,
      ...(record.image.seeded ? { seed: await seedOf(files, record) } : {}),
    });
    await Promise.all([
      giveIdentity(agentGuest(site, 'root', 'inline'), script, signal),
      record.image.seeded ? undefined : ownKey(files, spec, warm.record.loginKey),
      knowHostKeys(files, record, hostKeys),
    ]);
    return await openPorts(services, started);
  } catch (error) {
    await abandonStart(started, files);
    throw isAgentsFault(error) ? new WarmUnfit(error) : error;
  }
}

async function ownKey(files: MachineFiles, { login }: MachineSpec, old?: string): Promise<void> {
  const first = await firstLogin(login);
  const [key] = first.privateKeys ?? [];
  if (login.adoptKey === false && key !== undefined) await keepKey(files, key);
  else await adoptKey(agentGuest(agentSite(files)), files, first, old === undefined ? [] : [old]);
}

function isAgentsFault(error: unknown): boolean {
  return (
    error instanceof KilnError &&
    ['guest-unreachable', 'guest-disconnected', 'step-failed', 'unsupported'].includes(error.code)
  );
}

async function seedOf(files: MachineFiles, record: MachineRecord) {
  return { authorizedKey: (await readFile(files.publicKey, 'utf8')).trim(), instance: record.id };
}

/** Nobody has to trust the first answer: the keys were made here. */
async function knowHostKeys(
  files: MachineFiles,
  record: MachineRecord,
  hostKeys: readonly { readonly publicKey: string }[],
): Promise<void> {
  const lines = hostKeys.map(({ publicKey }) => `kiln-${record.id} ${publicKey}\n`);
  await writeFile(files.knownHosts, lines.join(''), { mode: 0o600 });
}
