import { statfsSync } from 'node:fs';
import { answer, noAttributes } from './nfs-answers.ts';
import { writeAttributes } from './nfs-attributes.ts';
import { blockSize, type Call, type NfsScene } from './nfs-scene.ts';
import { nfsStatus } from './nfs-status.ts';

export function spaceLeft(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const handle = scene.handle(args);
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

export function limits(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const handle = scene.handle(args);
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

export function pathLimits(scene: NfsScene, { args, out }: Call): 'done' {
  return answer(
    out,
    () => {
      const handle = scene.handle(args);
      handle.tree.with(handle.key, ({ facts }) => {
        out.u32(nfsStatus.ok).bool(true);
        writeAttributes(out, handle, facts);
        out.u32(32_000).u32(255).bool(true).bool(true).bool(false).bool(true);
      });
    },
    noAttributes,
  );
}
