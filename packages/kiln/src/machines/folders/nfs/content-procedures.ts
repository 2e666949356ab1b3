import { fstatSync, readSync, writeSync } from 'node:fs';
import { answer, noAttributes, noChange, writeChange } from './nfs-answers.ts';
import { writeAttributes } from './nfs-attributes.ts';
import { needFile, needWritable } from './nfs-checks.ts';
import { blockSize, type Call, fileKey, type NfsScene } from './nfs-scene.ts';
import { nfsStatus } from './nfs-status.ts';

const writeVerifier = Buffer.from(`${process.pid}`.padStart(8, '0').slice(-8));

export function read(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const handle = scene.handle(args);
      const [offset, count] = [args.u64(), Math.min(args.u32(), blockSize)];
      handle.tree.with(handle.key, (place) => {
        needFile(place);
        const fd = scene.files.get(fileKey(handle), place, false);
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

export function write(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const handle = scene.handle(args);
      const offset = args.u64();
      args.u32();
      args.u32();
      const data = args.opaque();
      needWritable(handle);
      handle.tree.with(handle.key, (place) => {
        needFile(place);
        const fd = scene.files.get(fileKey(handle), place, true);
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

export function commit(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const handle = scene.handle(args);
      handle.tree.with(handle.key, (place) => {
        out.u32(nfsStatus.ok);
        writeChange(out, handle, place);
        out.fixed(writeVerifier);
      });
    },
    noChange,
  );
}
