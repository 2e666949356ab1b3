import { closeSync, fstatSync, readlinkSync } from 'node:fs';
import { childOf, type Handle } from './exported-tree.ts';
import { answer, noAttributes, noChange, writeChange } from './nfs-answers.ts';
import { grantedAccess, readNewAttributes, writeAttributes } from './nfs-attributes.ts';
import { needWritable } from './nfs-checks.ts';
import { applyChanges, type Call, inFolderOf, type NfsScene, setLinkTime } from './nfs-scene.ts';
import { NfsError, nfsStatus } from './nfs-status.ts';

export function getAttributes(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(out, () => {
    const handle = scene.handle(args);
    handle.tree.with(handle.key, ({ facts }) => {
      out.u32(nfsStatus.ok);
      writeAttributes(out, handle, facts);
    });
  });
}

export function setAttributes(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const handle = scene.handle(args);
      const changes = readNewAttributes(args);
      const guard = args.bool() ? [args.u32(), args.u32()] : undefined;
      needWritable(handle);
      handle.tree.with(handle.key, (place) => {
        if (guard && Number(place.facts.ctimeNs / 1_000_000_000n) !== guard[0]) {
          throw new NfsError(nfsStatus.notSync);
        }
        applyChanges(scene, handle, place, changes);
        if (place.facts.isSymbolicLink()) setLinkTime(handle, changes);
        out.u32(nfsStatus.ok);
        writeChange(out, handle, place);
      });
    },
    noChange,
  );
}

export function access(scene: NfsScene, { args, out, caller }: Call): 'done' {
  return answer(
    out,
    () => {
      const handle = scene.handle(args);
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

export function readLink(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const handle = scene.handle(args);
      handle.tree.with(handle.key, ({ fd, facts }) => {
        if (!facts.isSymbolicLink()) throw new NfsError(nfsStatus.inval);
        const target = targetOf(handle, fd);
        out.u32(nfsStatus.ok).bool(true);
        writeAttributes(out, handle, facts);
        out.text(target);
      });
    },
    noAttributes,
  );
}

function targetOf(handle: Handle, fd: number): string {
  const { ino, dev } = fstatSync(fd, { bigint: true });
  return inFolderOf(handle, (folder, name) => {
    const target = readlinkSync(`/proc/self/fd/${folder}/${name}`);
    const again = childOf({ fd: folder }, name);
    if (again) closeSync(again.fd);
    if (again?.facts.ino !== ino || again.facts.dev !== dev) throw new NfsError(nfsStatus.stale);
    return target;
  });
}
