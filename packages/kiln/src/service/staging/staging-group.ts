import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { partOfId } from '../../dialects/azure/model/arm-id.ts';
import { bytesOnDisk } from '../../store/folders.ts';
import type { HeldRun } from '../runs/held-run.ts';
import { textAt } from '../runs/run-size.ts';
import { type BuildUser, giveTo } from '../workers/build-user.ts';
import { hostName } from '../workers/host-process.ts';

/** Where everything temporary of one attempt at a run is. Its row is written before anything else is made. */
export interface StagingGroup {
  readonly name: string;
  readonly folder: string;
  /** Name for the image in the store of builds; it goes with the group. */
  readonly imageName: string;
  /** Writes down who leads the build's processes. @throws LeaseLost */
  started(process: string): Promise<void>;
  /** Keeps the group after the run, with disks that a build has left. @throws LeaseLost */
  keep(disks: string): Promise<void>;
}

/** @throws LeaseLost */
export async function openStagingGroup(
  held: HeldRun,
  buildHome: string,
  user: BuildUser | undefined,
  now: Date,
): Promise<StagingGroup> {
  const { template_id } = held.row;
  const guid = randomUUID();
  const own = textAt(JSON.parse(held.row.template), ['properties', 'stagingResourceGroup']) ?? '';
  const word = (name: string | undefined) => (name ?? '').replace(/[^\w.-]+/g, '_');
  const name =
    own === ''
      ? `IT_${word(partOfId(template_id, 'resourceGroups')).slice(0, 24)}_${word(template_id.split('/').at(-1)).slice(0, 24)}_${guid}`
      : `${word(own.split('/').at(-1)).replace(/^\.+/, '_')}/${guid}`;
  const root = join(buildHome, 'staging');
  const folder = join(root, name);
  const imageName = `kiln-run-${guid}`;
  await held.write((transaction) =>
    transaction
      .insertInto('staging_groups')
      .values({
        name,
        run_id: held.id,
        fence: held.fence,
        template_id,
        owner_group: own === '' ? null : own,
        folder,
        build_home: buildHome,
        images: [imageName, `${imageName}-source`].join(' '),
        host: hostName(),
        state: 'leased',
        processes: '',
        created_at: now,
        bytes: 0,
      })
      .execute(),
  );
  for (const path of [root, ...(own === '' ? [] : [join(root, name.split('/')[0]!)]), folder]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    giveTo(user, path);
  }
  return {
    name,
    folder,
    imageName,
    started: (process) =>
      held.write(async (transaction) => {
        await transaction
          .updateTable('staging_groups')
          .set({ processes: sql<string>`trim(processes || ' ' || ${process})` })
          .where('name', '=', name)
          .execute();
      }),
    keep: async (disks) => {
      await symlink(disks, join(folder, 'kept'));
      const bytes = await bytesOfFolder(disks);
      await held.write(async (transaction) => {
        await transaction
          .updateTable('staging_groups')
          .set({ state: 'kept', bytes })
          .where('name', '=', name)
          .execute();
      });
    },
  };
}

async function bytesOfFolder(folder: string): Promise<number> {
  const files = await readdir(folder, { withFileTypes: true });
  const sizes = await Promise.all(
    files.filter((one) => one.isFile()).map(({ name }) => bytesOnDisk(join(folder, name))),
  );
  return sizes.reduce((sum, one) => sum + one, 0);
}
