import { closeSync } from 'node:fs';
import { childOf, type Handle, type Place } from './exported-tree.ts';
import { answer, noAttributes } from './nfs-answers.ts';
import { fileNumber, writeAttributes } from './nfs-attributes.ts';
import { needFolder } from './nfs-checks.ts';
import { blockSize, type Call, fileKey, join, type NfsScene } from './nfs-scene.ts';
import { nfsStatus } from './nfs-status.ts';
import type { XdrWriter } from './xdr.ts';

export function readFolder(scene: NfsScene, { args, out }: Call, withHandles: boolean): 'done' {
  return answer(
    out,
    () => {
      const folder = scene.handle(args);
      const [cookie, verifier] = [args.u64(), args.u64()];
      if (withHandles) args.u32();
      const room = Math.min(args.u32(), blockSize) - 256;
      folder.tree.with(folder.key, (place, path) => {
        needFolder(place);
        const page = scene.pages.get(fileKey(folder), place, cookie === 0n ? undefined : verifier);
        out.u32(nfsStatus.ok).bool(true);
        writeAttributes(out, folder, place.facts);
        out.u64(page.verifier);
        const start = out.length;
        let at = Number(cookie);
        for (; at < page.names.length; at++) {
          const before = out.length;
          writeEntry(scene, out, folder, place, path, page.names[at]!, at, withHandles);
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

function writeEntry(
  scene: NfsScene,
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
  if (found) out.opaque(scene.handles.make(folder, facts));
}
