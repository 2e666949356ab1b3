import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { totalmem, userInfo } from 'node:os';
import { dirname } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { formatSize } from '../../base/sizes.ts';
import { isRoot, namespaceObstacle } from '../../base/user-namespace.ts';
import { kvmVerdict } from '../../hosts/qemu/accelerator.ts';
import { qemuCapabilities } from '../../hosts/qemu/capabilities.ts';
import { findEfiFiles } from '../../hosts/qemu/efi.ts';
import { findProgram } from '../../hosts/qemu/programs.ts';
import { findMirror } from '../../sources/bootstrap/mirror.ts';
import { listDeadRuns } from '../../store/run.ts';
import type { Check } from './check.ts';
import { installCommand } from './tools.ts';

const gibibyte = 2 ** 30;
const qemu = 'qemu-system-x86_64';

export function checkNode(): Check {
  const version = process.version.slice(1);
  const enough = Number.parseInt(version, 10) >= 24;
  return {
    name: 'node',
    status: enough ? 'ok' : 'missing',
    needed: true,
    detail: enough ? version : `${version} is too old`,
    ...(!enough && { fix: 'install Node 24 or newer' }),
  };
}

/** Whether the host's processor can run machines at full speed, tried out with a small guest. */
export async function checkAccelerator(home: string): Promise<Check> {
  const common = { name: 'accelerator', needed: false };
  if (process.platform === 'darwin') return { ...common, status: 'ok', detail: 'HVF' };
  const binary = findProgram(qemu);
  if (!binary) return { ...common, status: 'warn', detail: 'cannot be tried without QEMU' };
  const { works, reason } = await kvmVerdict({ binary, home });
  if (works) return { ...common, status: 'ok', detail: `KVM: ${reason}` };
  return {
    ...common,
    status: 'warn',
    detail: `machines are emulated (TCG), which works and is slower: ${reason}`,
    fix: /group "kvm"/.test(reason)
      ? `sudo usermod -aG kvm ${userInfo().username}, then log in again`
      : 'switch on virtualisation in the firmware settings, or nested virtualisation for a virtual host',
  };
}

/** Machines reach the network through QEMU itself, which some builds leave out. */
export async function checkNetwork(home: string): Promise<Check> {
  const common = { name: 'network', needed: true };
  if (!findProgram(qemu)) return { ...common, status: 'warn', detail: 'cannot be looked at without QEMU' };
  const { netdevs } = await qemuCapabilities(qemu, home);
  if (netdevs.includes('user')) {
    return { ...common, status: 'ok', detail: "QEMU's user networking; needs no rights and no set-up" };
  }
  return {
    ...common,
    status: 'missing',
    detail: 'this QEMU was built without user networking (libslirp)',
    fix: 'install a QEMU that has it, such as that of Debian or Ubuntu',
  };
}

export async function checkMirror(): Promise<Check> {
  const { archive } = await findMirror('debian');
  const configured = existsSync('/etc/apt');
  return {
    name: 'mirror',
    status: 'ok',
    needed: false,
    detail: `${archive} (${configured ? "this host's apt settings, else the public one" : 'the public one'})`,
  };
}

export function checkFirmware(): Check {
  const common = { name: 'efi', needed: false };
  try {
    return { ...common, status: 'ok', detail: findEfiFiles({ kind: 'efi', dropVars: false }).code };
  } catch (error) {
    if (!(error instanceof KilnError)) throw error;
    return {
      ...common,
      status: 'missing',
      detail: 'machines with "firmware: efi" need OVMF',
      fix: installCommand(['ovmf']),
    };
  }
}

/** Room for images, in bytes: less than the first and the main job fails, less than the second and soon. */
const room = { least: 3 * gibibyte, comfortable: 10 * gibibyte } as const;

export function checkHome(home: string): Check {
  const common = { name: 'space', needed: true };
  let folder = home;
  while (!existsSync(folder)) folder = dirname(folder);
  if (!isWritableFolder(folder)) {
    return {
      ...common,
      status: 'missing',
      detail: `${home} cannot be used: ${folder} is no folder that can be written to`,
      fix: 'point KILN_HOME at a folder of your own',
    };
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const fix = 'free some space, or point KILN_HOME at a larger disk';
  const detail = `${formatSize(free)} free in ${home}`;
  if (free < room.least) return { ...common, status: 'missing', detail, fix };
  if (free < room.comfortable) return { ...common, status: 'warn', detail, fix };
  return { ...common, status: 'ok', detail };
}

function isWritableFolder(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return statSync(path).isDirectory();
  } catch (error) {
    if (isSystemError(error, 'EACCES', 'EPERM', 'EROFS')) return false;
    throw error;
  }
}

export function checkMemory(): Check {
  const total = totalmem();
  const enough = total >= 2 * gibibyte;
  return {
    name: 'memory',
    status: enough ? 'ok' : 'warn',
    needed: false,
    detail: formatSize(total),
    ...(!enough && { fix: 'give machines less with "memory: 512M"' }),
  };
}

/** Making a distribution's image without root takes user namespaces and a range of user ids. */
export async function checkUserNamespaces(): Promise<Check | undefined> {
  if (process.platform !== 'linux' || isRoot()) return undefined;
  const common = { name: 'user namespaces', needed: true };
  const obstacle = await namespaceObstacle();
  if (obstacle) return { ...common, status: 'missing', detail: obstacle.message, fix: obstacle.hint };
  return {
    ...common,
    status: 'ok',
    detail: `images can be made without root's rights, as ${userInfo().username}`,
  };
}

export async function checkDeadRuns(home: string): Promise<Check> {
  const dead = await listDeadRuns(home);
  const common = { name: 'leftovers', needed: false };
  if (dead.length === 0) return { ...common, status: 'ok', detail: 'none' };
  return {
    ...common,
    status: 'warn',
    detail: `${dead.length} command${dead.length > 1 ? 's' : ''} ended without cleaning up`,
    fix: 'kiln image prune (the next build does it too)',
  };
}
