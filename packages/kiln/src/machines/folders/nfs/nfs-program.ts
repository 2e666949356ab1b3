import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  statfsSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { isSystemError } from '../../../base/errors.ts';
import { childOf, type Handle, type Handles, type Place } from './exported-tree.ts';
import { FolderPages } from './folder-pages.ts';
import { answer, noAttributes, noChange, writeChange } from './nfs-answers.ts';
import {
  fileNumber,
  grantedAccess,
  type NewAttributes,
  readNewAttributes,
  writeAttributes,
} from './nfs-attributes.ts';
import { nameOf, needFile, needFolder, needWritable, openChild } from './nfs-checks.ts';
import { NfsError, nfsStatus } from './nfs-status.ts';
import { OpenFiles } from './open-files.ts';
import type { RpcCaller, RpcProgram } from './rpc-server.ts';
import type { XdrReader, XdrWriter } from './xdr.ts';

/** The most that is read or written at once, in bytes. */
const blockSize = 1 << 18;
const writeVerifier = Buffer.from(`${process.pid}`.padStart(8, '0').slice(-8));

interface Call {
  readonly args: XdrReader;
  readonly out: XdrWriter;
  readonly caller: RpcCaller;
}

/**
 * Version 3 of the Network File System (RFC 1813) over exported folders. All is done at once and in order, by the user
 * who runs this process. What is written is safe when the kernel has it: the host is where the folder is anyway.
 */
export class NfsProgram {
  readonly #handles: Handles;
  readonly #files = new OpenFiles();
  readonly #pages = new FolderPages();
  /** Verifiers of files that were made exclusively (RFC 1813, CREATE), by their keys. */
  readonly #exclusive = new Map<string, string>();

  constructor(handles: Handles) {
    this.#handles = handles;
  }

  readonly serve: RpcProgram = (procedure, args, out, caller) => {
    const call = { args, out, caller };
    switch (procedure) {
      case 0:
        return 'done';
      case 1:
        return this.#getAttributes(call);
      case 2:
        return this.#setAttributes(call);
      case 3:
        return this.#lookup(call);
      case 4:
        return this.#access(call);
      case 5:
        return this.#readLink(call);
      case 6:
        return this.#read(call);
      case 7:
        return this.#write(call);
      case 8:
        return this.#create(call);
      case 9:
        return this.#makeFolder(call);
      case 10:
        return this.#makeLink(call);
      case 11:
        return this.#refuseDevice(call);
      case 12:
        return this.#remove(call, 'file');
      case 13:
        return this.#remove(call, 'folder');
      case 14:
        return this.#rename(call);
      case 15:
        return this.#hardLink(call);
      case 16:
        return this.#readFolder(call, false);
      case 17:
        return this.#readFolder(call, true);
      case 18:
        return this.#spaceLeft(call);
      case 19:
        return this.#limits(call);
      case 20:
        return this.#pathLimits(call);
      case 21:
        return this.#commit(call);
      default:
        return undefined;
    }
  };

  #getAttributes({ args, out }: Call): 'done' {
    return answer(out, () => {
      const handle = this.#handle(args);
      handle.tree.with(handle.key, ({ facts }) => {
        out.u32(nfsStatus.ok);
        writeAttributes(out, handle, facts);
      });
    });
  }

  #setAttributes({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const handle = this.#handle(args);
        const changes = readNewAttributes(args);
        const guard = args.bool() ? [args.u32(), args.u32()] : undefined;
        needWritable(handle);
        handle.tree.with(handle.key, (place) => {
          if (guard && Number(place.facts.ctimeNs / 1_000_000_000n) !== guard[0]) {
            throw new NfsError(nfsStatus.notSync);
          }
          this.#apply(handle, place, changes);
          if (place.facts.isSymbolicLink()) this.#setLinkTime(handle, changes);
          out.u32(nfsStatus.ok);
          writeChange(out, handle, place);
        });
      },
      noChange,
    );
  }

  #lookup({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const folder = this.#handle(args);
        const name = args.text();
        folder.tree.with(folder.key, (place, path) => {
          needFolder(place);
          if (name === '.') return this.#found(out, folder, place.facts, place.facts);
          if (name === '..') {
            const above = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
            return folder.tree.withPath(above, (fd) =>
              this.#found(out, folder, fstatSync(fd, { bigint: true }), place.facts),
            );
          }
          const found = openChild(place, name);
          if (!found) throw new NfsError(nfsStatus.noent);
          closeSync(found.fd);
          folder.tree.note(join(path, name), found.facts);
          return this.#found(out, folder, found.facts, place.facts);
        });
      },
      noAttributes,
    );
  }

  #found(out: XdrWriter, folder: Handle, facts: BigIntStats, above: BigIntStats): void {
    out.u32(nfsStatus.ok).opaque(this.#handles.make(folder, facts)).bool(true);
    writeAttributes(out, folder, facts);
    out.bool(true);
    writeAttributes(out, folder, above);
  }

  #access({ args, out, caller }: Call): 'done' {
    return answer(
      out,
      () => {
        const handle = this.#handle(args);
        const wanted = args.u32();
        handle.tree.with(handle.key, ({ facts }) => {
          out.u32(nfsStatus.ok).bool(true);
          writeAttributes(out, handle, facts);
          out.u32(grantedAccess(wanted, handle, facts, caller));
        });
      },
      noAttributes,
    );
  }

  #readLink({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const handle = this.#handle(args);
        handle.tree.with(handle.key, ({ fd, facts }) => {
          if (!facts.isSymbolicLink()) throw new NfsError(nfsStatus.inval);
          const target = this.#targetOf(handle, fd);
          out.u32(nfsStatus.ok).bool(true);
          writeAttributes(out, handle, facts);
          out.text(target);
        });
      },
      noAttributes,
    );
  }

  #targetOf(handle: Handle, fd: number): string {
    const { ino, dev } = fstatSync(fd, { bigint: true });
    return this.#inFolderOf(handle, (folder, name) => {
      const target = readlinkSync(`/proc/self/fd/${folder}/${name}`);
      const again = childOf({ fd: folder }, name);
      if (again) closeSync(again.fd);
      if (again?.facts.ino !== ino || again.facts.dev !== dev) throw new NfsError(nfsStatus.stale);
      return target;
    });
  }

  /** Does something by the name that a file has in its folder. */
  #inFolderOf<T>(handle: Handle, work: (folder: number, name: string) => T): T {
    return handle.tree.with(handle.key, (_place, path) => {
      const at = path.lastIndexOf('/');
      return handle.tree.withPath(path.slice(0, Math.max(at, 0)), (folder) =>
        work(folder, path.slice(at + 1)),
      );
    });
  }

  #read({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const handle = this.#handle(args);
        const [offset, count] = [args.u64(), Math.min(args.u32(), blockSize)];
        handle.tree.with(handle.key, (place) => {
          needFile(place);
          const fd = this.#files.get(fileKey(handle), place, false);
          const buffer = Buffer.allocUnsafe(count);
          const length = readSync(fd, buffer, 0, count, Number(offset));
          const facts = fstatSync(fd, { bigint: true });
          out.u32(nfsStatus.ok).bool(true);
          writeAttributes(out, handle, facts);
          out
            .u32(length)
            .bool(offset + BigInt(length) >= facts.size)
            .opaque(buffer.subarray(0, length));
        });
      },
      noAttributes,
    );
  }

  #write({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const handle = this.#handle(args);
        const offset = args.u64();
        args.u32();
        args.u32();
        const data = args.opaque();
        needWritable(handle);
        handle.tree.with(handle.key, (place) => {
          needFile(place);
          const fd = this.#files.get(fileKey(handle), place, true);
          for (let done = 0; done < data.length; ) {
            done += writeSync(fd, data, done, data.length - done, Number(offset) + done);
          }
          out.u32(nfsStatus.ok);
          writeChange(out, handle, place);
          out.u32(data.length).u32(2).fixed(writeVerifier);
        });
      },
      noChange,
    );
  }

  #create({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const folder = this.#handle(args);
        const name = nameOf(args);
        const how = args.u32();
        const changes = how === 2 ? {} : readNewAttributes(args);
        const verifier = how === 2 ? args.fixed(8).toString('hex') : undefined;
        this.#inFolder(folder, out, (place, path) => {
          const own = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_CREAT | constants.O_EXCL;
          const target = `/proc/self/fd/${place.fd}/${name}`;
          let fd: number | undefined;
          try {
            fd = openSync(target, own, changes.mode ?? 0o644);
          } catch (error) {
            if (!isSystemError(error, 'EEXIST')) throw error;
          }
          const found = openChild(place, name);
          if (!found) throw new NfsError(nfsStatus.io);
          try {
            const handle = { ...folder, key: folder.tree.note(join(path, name), found.facts) };
            if (fd !== undefined) {
              this.#files.keep(fileKey(handle), fd, true);
              if (verifier) this.#exclusive.set(handle.key, verifier);
              this.#apply(handle, found, changes);
            } else if (how === 1 || (verifier && this.#exclusive.get(handle.key) !== verifier)) {
              throw new NfsError(nfsStatus.exist);
            } else if (how === 0) {
              needFile(found);
              this.#apply(handle, found, changes.size === undefined ? {} : { size: changes.size });
            }
            return fstatSync(found.fd, { bigint: true });
          } finally {
            closeSync(found.fd);
          }
        });
      },
      noChange,
    );
  }

  #makeFolder({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const folder = this.#handle(args);
        const name = nameOf(args);
        const changes = readNewAttributes(args);
        this.#inFolder(folder, out, (place, path) => {
          mkdirSync(`/proc/self/fd/${place.fd}/${name}`, { mode: changes.mode ?? 0o755 });
          return this.#made(folder, place, path, name, changes);
        });
      },
      noChange,
    );
  }

  #makeLink({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const folder = this.#handle(args);
        const name = nameOf(args);
        readNewAttributes(args);
        const target = args.text();
        this.#inFolder(folder, out, (place, path) => {
          symlinkSync(target, `/proc/self/fd/${place.fd}/${name}`);
          return this.#made(folder, place, path, name, {});
        });
      },
      noChange,
    );
  }

  /** Devices, sockets and pipes mean nothing on another computer. */
  #refuseDevice({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        this.#handle(args);
        throw new NfsError(nfsStatus.notsupp);
      },
      noChange,
    );
  }

  #made(folder: Handle, place: Place, path: string, name: string, changes: NewAttributes): BigIntStats {
    const found = openChild(place, name);
    if (!found) throw new NfsError(nfsStatus.io);
    try {
      const handle = { ...folder, key: folder.tree.note(join(path, name), found.facts) };
      // What the umask of this process has taken away.
      this.#apply(handle, found, changes);
      return fstatSync(found.fd, { bigint: true });
    } finally {
      closeSync(found.fd);
    }
  }

  /** Makes something new in a folder, and answers with its handle. */
  #inFolder(folder: Handle, out: XdrWriter, make: (place: Place, path: string) => BigIntStats): void {
    needWritable(folder);
    folder.tree.with(folder.key, (place, path) => {
      needFolder(place);
      const facts = make(place, path);
      out.u32(nfsStatus.ok).bool(true).opaque(this.#handles.make(folder, facts)).bool(true);
      writeAttributes(out, folder, facts);
      writeChange(out, folder, place);
    });
  }

  #remove({ args, out }: Call, kind: 'file' | 'folder'): 'done' {
    return answer(
      out,
      () => {
        const folder = this.#handle(args);
        const name = nameOf(args);
        needWritable(folder);
        folder.tree.with(folder.key, (place) => {
          const target = `/proc/self/fd/${place.fd}/${name}`;
          if (kind === 'file') unlinkSync(target);
          else rmdirSync(target);
          out.u32(nfsStatus.ok);
          writeChange(out, folder, place);
        });
      },
      noChange,
    );
  }

  #rename({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const [from, oldName] = [this.#handle(args), nameOf(args)];
        const [to, newName] = [this.#handle(args), nameOf(args)];
        needWritable(from);
        if (from.tree !== to.tree) throw new NfsError(nfsStatus.xdev);
        from.tree.with(from.key, (fromPlace, fromPath) => {
          to.tree.with(to.key, (toPlace, toPath) => {
            renameSync(`/proc/self/fd/${fromPlace.fd}/${oldName}`, `/proc/self/fd/${toPlace.fd}/${newName}`);
            from.tree.moved(join(fromPath, oldName), join(toPath, newName));
            out.u32(nfsStatus.ok);
            writeChange(out, from, fromPlace);
            writeChange(out, to, toPlace);
          });
        });
      },
      () => {
        noChange(out);
        noChange(out);
      },
    );
  }

  #hardLink({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const [file, folder, name] = [this.#handle(args), this.#handle(args), nameOf(args)];
        needWritable(folder);
        if (file.tree !== folder.tree) throw new NfsError(nfsStatus.xdev);
        folder.tree.with(folder.key, (place) => {
          this.#inFolderOf(file, (source, sourceName) =>
            linkSync(`/proc/self/fd/${source}/${sourceName}`, `/proc/self/fd/${place.fd}/${name}`),
          );
          file.tree.with(file.key, ({ facts }) => {
            out.u32(nfsStatus.ok).bool(true);
            writeAttributes(out, file, facts);
          });
          writeChange(out, folder, place);
        });
      },
      () => {
        noAttributes(out);
        noChange(out);
      },
    );
  }

  #readFolder({ args, out }: Call, withHandles: boolean): 'done' {
    return answer(
      out,
      () => {
        const folder = this.#handle(args);
        const [cookie, verifier] = [args.u64(), args.u64()];
        if (withHandles) args.u32();
        const room = Math.min(args.u32(), blockSize) - 256;
        folder.tree.with(folder.key, (place, path) => {
          needFolder(place);
          const page = this.#pages.get(fileKey(folder), place, cookie === 0n ? undefined : verifier);
          out.u32(nfsStatus.ok).bool(true);
          writeAttributes(out, folder, place.facts);
          out.u64(page.verifier);
          const start = out.length;
          let at = Number(cookie);
          for (; at < page.names.length; at++) {
            const before = out.length;
            this.#writeEntry(out, folder, place, path, page.names[at]!, at, withHandles);
            if (out.length - start > room && before > start) {
              out.truncate(before);
              break;
            }
          }
          out.bool(false).bool(at >= page.names.length);
        });
      },
      noAttributes,
    );
  }

  #writeEntry(
    out: XdrWriter,
    folder: Handle,
    place: Place,
    path: string,
    name: string,
    at: number,
    withHandle: boolean,
  ): void {
    const isDots = name === '.' || name === '..';
    const found = isDots ? undefined : childOf(place, name);
    if (found) closeSync(found.fd);
    // Gone since the folder was read.
    if (!found && !isDots) return;
    const facts = found?.facts ?? place.facts;
    out
      .bool(true)
      .u64(fileNumber(folder.tree, facts))
      .text(name)
      .u64(BigInt(at + 1));
    if (found) folder.tree.note(join(path, name), facts);
    if (!withHandle) return;
    out.bool(found !== undefined);
    if (found) writeAttributes(out, folder, facts);
    out.bool(found !== undefined);
    if (found) out.opaque(this.#handles.make(folder, facts));
  }

  #spaceLeft({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const handle = this.#handle(args);
        handle.tree.with(handle.key, ({ fd, facts }) => {
          const space = statfsSync(`/proc/self/fd/${fd}`, { bigint: true });
          out.u32(nfsStatus.ok).bool(true);
          writeAttributes(out, handle, facts);
          for (const blocks of [space.blocks, space.bfree, space.bavail]) out.u64(blocks * space.bsize);
          out.u64(space.files).u64(space.ffree).u64(space.ffree).u32(0);
        });
      },
      noAttributes,
    );
  }

  #limits({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const handle = this.#handle(args);
        handle.tree.with(handle.key, ({ facts }) => {
          out.u32(nfsStatus.ok).bool(true);
          writeAttributes(out, handle, facts);
          for (const direction of [blockSize, blockSize]) out.u32(direction).u32(direction).u32(4096);
          // Sizes of folders, the largest file, how exact times are, and that links and times of files are known.
          out
            .u32(1 << 16)
            .u64(1n << 62n)
            .u32(0)
            .u32(1)
            .u32(0x1b);
        });
      },
      noAttributes,
    );
  }

  #pathLimits({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const handle = this.#handle(args);
        handle.tree.with(handle.key, ({ facts }) => {
          out.u32(nfsStatus.ok).bool(true);
          writeAttributes(out, handle, facts);
          out.u32(32_000).u32(255).bool(true).bool(true).bool(false).bool(true);
        });
      },
      noAttributes,
    );
  }

  #commit({ args, out }: Call): 'done' {
    return answer(
      out,
      () => {
        const handle = this.#handle(args);
        handle.tree.with(handle.key, (place) => {
          out.u32(nfsStatus.ok);
          writeChange(out, handle, place);
          out.fixed(writeVerifier);
        });
      },
      noChange,
    );
  }

  #handle(args: XdrReader): Handle {
    return this.#handles.read(args.opaque(64));
  }

  #apply(handle: Handle, place: Place, { mode, size, accessed, modified }: NewAttributes): void {
    const { facts, fd } = place;
    if (facts.isSymbolicLink()) return;
    const path = `/proc/self/fd/${fd}`;
    if (size !== undefined) {
      needFile(place);
      ftruncateSync(this.#files.get(fileKey(handle), place, true), Number(size));
    }
    if (mode !== undefined && mode !== Number(facts.mode & 0o777n)) chmodSync(path, mode);
    const [atime, mtime] = [accessed ?? facts.atimeNs, modified ?? facts.mtimeNs];
    // What is set to what it is must not look like a change on the host.
    if (modified !== undefined && modified === facts.mtimeNs && size === undefined) return;
    if (accessed !== undefined || modified !== undefined) utimesSync(path, seconds(atime), seconds(mtime));
  }

  #setLinkTime(handle: Handle, { accessed, modified }: NewAttributes): void {
    if (accessed === undefined && modified === undefined) return;
    handle.tree.with(handle.key, ({ facts }) => {
      const [atime, mtime] = [accessed ?? facts.atimeNs, modified ?? facts.mtimeNs];
      this.#inFolderOf(handle, (folder, name) =>
        lutimesSync(`/proc/self/fd/${folder}/${name}`, seconds(atime), seconds(mtime)),
      );
    });
  }
}

function fileKey({ tree, key }: Handle): string {
  return `${tree.id.toString('hex')}:${key}`;
}

function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e9;
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
