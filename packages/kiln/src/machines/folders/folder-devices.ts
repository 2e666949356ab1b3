import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import type { SyncedFolder } from '../../plan/synced-folder.ts';

type Options = Readonly<Record<string, string | number | boolean>>;

/** A device by which a machine sees a folder, as QEMU's command line has it. */
export interface FolderDevice {
  /** Of the plan's folder; undefined for a spare one, which has an empty folder behind it. */
  readonly folder?: string;
  /** By which the machine finds it. */
  readonly tag: string;
  readonly fsdev: Options & { readonly id: string };
  readonly device: Options & { readonly driver: string; readonly id: string };
}

/** A folder that a program beside QEMU serves. */
export interface FolderDaemon {
  readonly folder: string;
  readonly tag: string;
  readonly hostPath: string;
  readonly readOnly: boolean;
  readonly socket: string;
}

export interface FolderDevices {
  /** 9p. All of these are always plugged in: they cannot be while the machine runs. */
  readonly nineP: readonly FolderDevice[];
  /** Virtiofs: needs the machine's memory to be shared with the programs (`memory-backend-…,share=on`). */
  readonly virtiofs: readonly FolderDaemon[];
}

/** More than these are copied. */
const most = 12;

/**
 * The devices that a machine's folders need. A 9p device gets its folder by QEMU's command line, and the machine does not
 * notice which one it is before it mounts it: a saved state can be given other folders, if the number of devices is the
 * same.
 * @param options.least how many 9p devices there are to be at least
 * @param options.scratch the machine's own folder, for sockets and for what is behind spare devices
 */
export function folderDevices(
  folders: MachineSpec['folders'],
  options: { readonly scratch: string; readonly least?: number },
): FolderDevices {
  const mounted = folders.filter(({ type }) => type === '9p').slice(0, most);
  const nineP = mounted.map((folder, index) => device(index, folder.hostPath, folder, options.scratch));
  for (let index = nineP.length; index < (options.least ?? 0); index++) {
    nineP.push(device(index, emptyFolder(options.scratch), undefined, options.scratch));
  }
  const virtiofs = folders
    .filter(({ type }) => type === 'virtiofs')
    .slice(0, most)
    .map(({ id, hostPath, readOnly }, index) => ({
      folder: id,
      tag: `kilnfs${index}`,
      hostPath,
      readOnly,
      socket: join(options.scratch, `vfs${index}`),
    }));
  return { nineP, virtiofs };
}

/** What is behind a device that no folder has. */
export function emptyFolder(scratch: string): string {
  return join(scratch, 'empty');
}

function device(
  index: number,
  path: string,
  folder: SyncedFolder | undefined,
  scratch: string,
): FolderDevice {
  const id = `fs${index}`;
  const isThere = existsSync(path);
  return {
    ...(folder && { folder: folder.id }),
    tag: `kiln${index}`,
    fsdev: {
      id,
      // QEMU opens every name below the folder step by step and follows no link itself: what the machine makes there
      // cannot lead it outside. `none` gives what is made to the user that runs QEMU, if that is not root.
      security_model: 'none',
      path: isThere ? path : emptyFolder(scratch),
      multidevs: 'remap',
      ...(folder?.readOnly || !isThere ? { readonly: 'on' } : {}),
    },
    device: { driver: 'virtio-9p-pci', id: `folder${index}`, fsdev: id, mount_tag: `kiln${index}` },
  };
}

/** The same on QEMU's command line. */
export function folderArguments({ nineP }: FolderDevices): string[] {
  return nineP.flatMap(({ fsdev, device: { driver, ...rest } }) => [
    '-fsdev',
    ['local', ...suboptions(fsdev)].join(','),
    '-device',
    [driver, ...suboptions(rest)].join(','),
  ]);
}

/** For QEMU's command line, or QMP's `chardev-add` and `device_add` in a machine that runs. */
export function virtiofsArguments({ virtiofs }: FolderDevices): string[] {
  return virtiofs.flatMap(({ socket, tag }, index) => [
    '-chardev',
    `socket,id=vfs${index},path=${socket.replaceAll(',', ',,')}`,
    '-device',
    `vhost-user-fs-pci,id=vfsdev${index},chardev=vfs${index},tag=${tag}`,
  ]);
}

function suboptions(options: Options): string[] {
  return Object.entries(options).map(([name, value]) => `${name}=${String(value).replaceAll(',', ',,')}`);
}
