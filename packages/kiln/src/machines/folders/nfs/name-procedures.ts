import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { isSystemError } from '../../../base/errors.ts';
import type { Handle, Place } from './exported-tree.ts';
import { answer, noAttributes, noChange, writeChange } from './nfs-answers.ts';
import { type NewAttributes, readNewAttributes, writeAttributes } from './nfs-attributes.ts';
import { nameOf, needFile, needFolder, needWritable, openChild } from './nfs-checks.ts';
import { applyChanges, type Call, fileKey, inFolderOf, join, type NfsScene } from './nfs-scene.ts';
import { NfsError, nfsStatus } from './nfs-status.ts';
import type { XdrWriter } from './xdr.ts';

export function lookup(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const folder = scene.handle(args);
      const name = args.text();
      folder.tree.with(folder.key, (place, path) => {
        needFolder(place);
        if (name === '.') return writeFound(scene, out, folder, place.facts, place.facts);
        if (name === '..') {
          const above = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
          return folder.tree.withPath(above, (fd) =>
            writeFound(scene, out, folder, fstatSync(fd, { bigint: true }), place.facts),
          );
        }
        const found = openChild(place, name);
        if (!found) throw new NfsError(nfsStatus.noent);
        closeSync(found.fd);
        folder.tree.note(join(path, name), found.facts);
        return writeFound(scene, out, folder, found.facts, place.facts);
      });
    },
    noAttributes,
  );
}

function writeFound(
  scene: NfsScene,
  out: XdrWriter,
  folder: Handle,
  facts: BigIntStats,
  above: BigIntStats,
): void {
  out.u32(nfsStatus.ok).opaque(scene.handles.make(folder, facts)).bool(true);
  writeAttributes(out, folder, facts);
  out.bool(true);
  writeAttributes(out, folder, above);
}

export function create(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const folder = scene.handle(args);
      const name = nameOf(args);
      const how = args.u32();
      const changes = how === 2 ? {} : readNewAttributes(args);
      const verifier = how === 2 ? args.fixed(8).toString('hex') : undefined;
      makeInFolder(scene, folder, out, (place, path) => {
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
            scene.files.keep(fileKey(handle), fd, true);
            if (verifier) scene.exclusive.set(handle.key, verifier);
            applyChanges(scene, handle, found, changes);
          } else if (how === 1 || (verifier && scene.exclusive.get(handle.key) !== verifier)) {
            throw new NfsError(nfsStatus.exist);
          } else if (how === 0) {
            needFile(found);
            applyChanges(scene, handle, found, changes.size === undefined ? {} : { size: changes.size });
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

export function makeFolder(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const folder = scene.handle(args);
      const name = nameOf(args);
      const changes = readNewAttributes(args);
      makeInFolder(scene, folder, out, (place, path) => {
        mkdirSync(`/proc/self/fd/${place.fd}/${name}`, { mode: changes.mode ?? 0o755 });
        return made(scene, folder, place, path, name, changes);
      });
    },
    noChange,
  );
}

export function makeLink(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const folder = scene.handle(args);
      const name = nameOf(args);
      readNewAttributes(args);
      const target = args.text();
      makeInFolder(scene, folder, out, (place, path) => {
        symlinkSync(target, `/proc/self/fd/${place.fd}/${name}`);
        return made(scene, folder, place, path, name, {});
      });
    },
    noChange,
  );
}

/** Devices, sockets and pipes mean nothing on another computer. */
export function refuseDevice(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      scene.handle(args);
      throw new NfsError(nfsStatus.notsupp);
    },
    noChange,
  );
}

function made(
  scene: NfsScene,
  folder: Handle,
  place: Place,
  path: string,
  name: string,
  changes: NewAttributes,
): BigIntStats {
  const found = openChild(place, name);
  if (!found) throw new NfsError(nfsStatus.io);
  try {
    const handle = { ...folder, key: folder.tree.note(join(path, name), found.facts) };
    // What the umask of this process has taken away.
    applyChanges(scene, handle, found, changes);
    return fstatSync(found.fd, { bigint: true });
  } finally {
    closeSync(found.fd);
  }
}

/** Makes something new in a folder, and answers with its handle. */
function makeInFolder(
  scene: NfsScene,
  folder: Handle,
  out: XdrWriter,
  make: (place: Place, path: string) => BigIntStats,
): void {
  needWritable(folder);
  folder.tree.with(folder.key, (place, path) => {
    needFolder(place);
    const facts = make(place, path);
    out.u32(nfsStatus.ok).bool(true).opaque(scene.handles.make(folder, facts)).bool(true);
    writeAttributes(out, folder, facts);
    writeChange(out, folder, place);
  });
}

export function remove(scene: NfsScene, { args, out }: Call, kind: 'file' | 'folder'): 'done' {
  return answer(
    out,
    () => {
      const folder = scene.handle(args);
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

export function rename(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const [from, oldName] = [scene.handle(args), nameOf(args)];
      const [to, newName] = [scene.handle(args), nameOf(args)];
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

export function hardLink(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const [file, folder, name] = [scene.handle(args), scene.handle(args), nameOf(args)];
      needWritable(folder);
      if (file.tree !== folder.tree) throw new NfsError(nfsStatus.xdev);
      folder.tree.with(folder.key, (place) => {
        inFolderOf(file, (source, sourceName) =>
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
