import { join } from 'node:path/posix';
import type { FileStatus, ProjectFiles } from '../../files/project-files.ts';
import type { Descriptor, DescriptorTable } from './descriptors.ts';
import { DescriptorFlag, Errno, FileType, OpenFlag, Right, WasiError, Whence } from './wasi-codes.ts';
import type { WasiCall } from './wasi-host.ts';
import type { WasiMemory } from './wasi-memory.ts';

interface FileCallContext {
  readonly memory: WasiMemory;
  readonly table: DescriptorTable;
  readonly files: ProjectFiles;
  readonly answer: (request: string) => string;
}

/** Where Ruby talks to Kiln. */
export const channelPath = '/.kiln/channel';

const longestRequest = 64 * 1024 * 1024;

/** The calls of WASI that have to do with files. */
export function fileCalls({ memory, table, files, answer }: FileCallContext): Record<string, WasiCall> {
  const pathOf = (folder: number, pointer: number, length: number): string =>
    join(table.folder(folder).path, memory.text(pointer, length));

  const read = (descriptor: Descriptor, buffers: readonly Buffer[], at?: number): number => {
    if (descriptor.kind === 'folder') throw new WasiError(Errno.isFolder);
    if (descriptor.kind === 'stream') return 0;
    if (descriptor.kind === 'channel') {
      descriptor.answer ??= Buffer.from(answer(Buffer.concat(descriptor.request).toString('utf8')));
      const count = copyInto(buffers, descriptor.answer);
      descriptor.answer = descriptor.answer.subarray(count);
      return count;
    }
    const position = at ?? descriptor.position;
    const count = copyInto(buffers, descriptor.file.content.subarray(position));
    if (at === undefined) descriptor.position += count;
    return count;
  };

  const write = (descriptor: Descriptor, buffers: readonly Buffer[], at?: number): number => {
    const bytes = Buffer.concat(buffers);
    if (descriptor.kind === 'folder') throw new WasiError(Errno.badDescriptor);
    if (descriptor.kind === 'stream') {
      if (descriptor.write === undefined) throw new WasiError(Errno.badDescriptor);
      descriptor.write(bytes);
    } else if (descriptor.kind === 'channel') {
      if (bytes.length > longestRequest) throw new WasiError(Errno.tooLarge);
      descriptor.request.push(bytes);
    } else {
      if (!descriptor.writable) throw new WasiError(Errno.badDescriptor);
      const position = at ?? (descriptor.append ? descriptor.file.length : descriptor.position);
      files.checkGrowth(bytes.length);
      descriptor.file.write(bytes, position);
      if (at === undefined) descriptor.position = position + bytes.length;
    }
    return bytes.length;
  };

  const putStatus = (pointer: number, status: FileStatus): number => {
    const time = BigInt(Math.round(status.modified * 1000)) * 1000n;
    memory.u64(pointer, 1n);
    memory.u64(pointer + 8, status.inode);
    memory.u64(pointer + 16, 0n);
    memory.u8(pointer + 16, status.type);
    memory.u64(pointer + 24, 1n);
    memory.u64(pointer + 32, BigInt(status.size));
    for (const field of [40, 48, 56]) memory.u64(pointer + field, time);
    return Errno.success;
  };

  const putSize = (pointer: number, size: number): number => {
    memory.u32(pointer, size);
    return Errno.success;
  };

  const open = (path: string, flags: number, rights: bigint, descriptorFlags: number): Descriptor => {
    if (path === channelPath) return { kind: 'channel', request: [] };
    const writable = (rights & Right.write) !== 0n;
    if (!writable) {
      const wantsFolder = (flags & OpenFlag.folder) !== 0;
      const isFolder = isFolderAt(files, path);
      if (wantsFolder && !isFolder) throw new WasiError(Errno.notFolder);
      if (isFolder) return { kind: 'folder', path };
    }
    const file =
      writable || (flags & OpenFlag.create) !== 0
        ? files.readForWriting(path, {
            create: (flags & OpenFlag.create) !== 0,
            exclusive: (flags & OpenFlag.exclusive) !== 0,
            truncate: (flags & OpenFlag.truncate) !== 0,
          })
        : files.read(path);
    if (writable && (flags & OpenFlag.truncate) !== 0) file.resize(0);
    const append = (descriptorFlags & DescriptorFlag.append) !== 0;
    return { kind: 'file', path, file, writable, append, position: 0 };
  };

  return {
    fd_prestat_get: (fd: number, result: number) => {
      if (fd !== 3) return Errno.badDescriptor;
      memory.u32(result, 0);
      memory.u32(result + 4, 1);
      return Errno.success;
    },
    fd_prestat_dir_name: (fd: number, pointer: number) => {
      if (fd !== 3) return Errno.badDescriptor;
      memory.u8(pointer, 0x2f);
      return Errno.success;
    },
    fd_fdstat_get: (fd: number, result: number) => {
      const descriptor = table.get(fd);
      memory.u8(result, typeOf(descriptor));
      memory.u16(result + 2, descriptor.kind === 'file' && descriptor.append ? DescriptorFlag.append : 0);
      const rights = descriptor.kind === 'file' && !descriptor.writable ? ~Right.write : ~0n;
      memory.u64(result + 8, BigInt.asUintN(64, rights));
      memory.u64(result + 16, BigInt.asUintN(64, ~0n));
      return Errno.success;
    },
    fd_fdstat_set_flags: (fd: number, flags: number) => {
      const descriptor = table.get(fd);
      if (descriptor.kind === 'file') descriptor.append = (flags & DescriptorFlag.append) !== 0;
      return Errno.success;
    },
    fd_filestat_get: (fd: number, result: number) => {
      const descriptor = table.get(fd);
      if (descriptor.kind === 'folder') return putStatus(result, files.status(descriptor.path, true));
      const size = descriptor.kind === 'file' ? descriptor.file.length : 0;
      return putStatus(result, { type: typeOf(descriptor), size, modified: 0, inode: 0n });
    },
    fd_filestat_set_size: (fd: number, size: bigint) => {
      const descriptor = table.file(fd);
      if (!descriptor.writable) return Errno.badDescriptor;
      if (size > BigInt(longestRequest)) return Errno.tooLarge;
      files.checkGrowth(Math.max(0, Number(size) - descriptor.file.length));
      descriptor.file.resize(Number(size));
      return Errno.success;
    },
    fd_read: (fd: number, vector: number, count: number, result: number) =>
      putSize(result, read(table.get(fd), memory.vector(vector, count))),
    fd_pread: (fd: number, vector: number, count: number, offset: bigint, result: number) =>
      putSize(result, read(table.file(fd), memory.vector(vector, count), Number(offset))),
    fd_write: (fd: number, vector: number, count: number, result: number) =>
      putSize(result, write(table.get(fd), memory.vector(vector, count))),
    fd_pwrite: (fd: number, vector: number, count: number, offset: bigint, result: number) =>
      putSize(result, write(table.file(fd), memory.vector(vector, count), Number(offset))),
    fd_seek: (fd: number, delta: bigint, whence: number, result: number) => {
      const file = table.file(fd);
      const base = whence === Whence.set ? 0 : whence === Whence.current ? file.position : file.file.length;
      const position = base + Number(delta);
      if (position < 0) return Errno.invalid;
      file.position = position;
      memory.u64(result, BigInt(position));
      return Errno.success;
    },
    fd_tell: (fd: number, result: number) => {
      memory.u64(result, BigInt(table.file(fd).position));
      return Errno.success;
    },
    fd_close: (fd: number) => {
      table.close(fd);
      return Errno.success;
    },
    fd_renumber: (from: number, to: number) => {
      table.renumber(from, to);
      return Errno.success;
    },
    fd_sync: () => Errno.success,
    fd_datasync: () => Errno.success,
    fd_advise: () => Errno.success,
    fd_readdir: (fd: number, pointer: number, length: number, cookie: bigint, result: number) => {
      const folder = table.folder(fd);
      folder.entries ??= files.list(folder.path);
      return putSize(result, listInto(memory, folder.entries, { pointer, length, from: Number(cookie) }));
    },
    path_open: (
      fd: number,
      _lookup: number,
      pointer: number,
      length: number,
      flags: number,
      rights: bigint,
      _inheriting: bigint,
      descriptorFlags: number,
      result: number,
    ) => putSize(result, table.add(open(pathOf(fd, pointer, length), flags, rights, descriptorFlags))),
    path_filestat_get: (fd: number, flags: number, pointer: number, length: number, result: number) =>
      putStatus(result, files.status(pathOf(fd, pointer, length), (flags & 1) === 1)),
    // Nobody keeps the time, but what is not there cannot be touched.
    path_filestat_set_times: (fd: number, flags: number, pointer: number, length: number) => {
      files.status(pathOf(fd, pointer, length), (flags & 1) === 1);
      return Errno.success;
    },
    path_readlink: (
      fd: number,
      pointer: number,
      length: number,
      buffer: number,
      size: number,
      result: number,
    ) => {
      const target = Buffer.from(files.readLink(pathOf(fd, pointer, length)));
      return putSize(result, copyInto([memory.bytes.subarray(buffer >>> 0, (buffer >>> 0) + size)], target));
    },
    path_create_directory: (fd: number, pointer: number, length: number) => {
      files.makeFolder(pathOf(fd, pointer, length));
      return Errno.success;
    },
    path_unlink_file: (fd: number, pointer: number, length: number) => {
      files.removeFile(pathOf(fd, pointer, length));
      return Errno.success;
    },
    path_remove_directory: (fd: number, pointer: number, length: number) => {
      files.removeFolder(pathOf(fd, pointer, length));
      return Errno.success;
    },
    path_rename: (
      fd: number,
      pointer: number,
      length: number,
      toFd: number,
      toPointer: number,
      toLength: number,
    ) => {
      files.renameFile(pathOf(fd, pointer, length), pathOf(toFd, toPointer, toLength));
      return Errno.success;
    },
    path_symlink: (target: number, targetLength: number, fd: number, pointer: number, length: number) => {
      files.makeLink(pathOf(fd, pointer, length), memory.text(target, targetLength));
      return Errno.success;
    },
    path_link: () => Errno.notPermitted,
  };
}

function typeOf(descriptor: Descriptor): FileStatus['type'] {
  if (descriptor.kind === 'folder') return FileType.folder;
  return descriptor.kind === 'stream' ? FileType.device : FileType.file;
}

function isFolderAt(files: ProjectFiles, path: string): boolean {
  try {
    return files.status(path, true).type === FileType.folder;
  } catch (error) {
    if (error instanceof WasiError) return false;
    throw error;
  }
}

function copyInto(buffers: readonly Buffer[], bytes: Buffer): number {
  let done = 0;
  for (const buffer of buffers) done += bytes.copy(buffer, 0, done);
  return done;
}

/** Directory entries as `fd_readdir` gives them; the last one may be cut off, which tells the caller to come again. */
function listInto(
  memory: WasiMemory,
  entries: readonly { name: string; type: number }[],
  to: { pointer: number; length: number; from: number },
): number {
  const parts: Buffer[] = [];
  let size = 0;
  for (let index = to.from; index < entries.length && size < to.length; index++) {
    const name = Buffer.from(entries[index]!.name);
    const head = Buffer.alloc(24);
    head.writeBigUInt64LE(BigInt(index + 1), 0);
    head.writeBigUInt64LE(BigInt(index + 1), 8);
    head.writeUInt32LE(name.length, 16);
    head.writeUInt8(entries[index]!.type, 20);
    parts.push(head, name);
    size += head.length + name.length;
  }
  const space = memory.bytes.subarray(to.pointer >>> 0, (to.pointer >>> 0) + to.length);
  return Math.min(copyInto([space], Buffer.concat(parts)), to.length);
}
