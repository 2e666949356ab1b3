import { join } from 'node:path';
import { Run } from '../../store/run.ts';
import type { Caller } from '../access/caller.ts';
import type { GalleryServices } from '../gallery/gallery-services.ts';
import type { RouteReply, RouteRequest } from '../http/route.ts';
import { promisedDigest, receiveFile } from '../images/receive-file.ts';
import { ServiceError } from '../service-error.ts';
import { placeBoxFile } from './box-files.ts';
import { checkBoxNames, checkBoxVersion } from './box-names.ts';
import { peekBox } from './peek-box.ts';

/** Boxes that do not say for which architecture they are. */
export const anyArchitecture = 'unknown';

/**
 * Takes a box file as a version of a box, which is made when there is none. What it is comes from its own metadata. The
 * same file again is no mistake; another one in its place is.
 * @throws ServiceError 400, 409
 */
export async function pushBox(services: GalleryServices, request: RouteRequest): Promise<RouteReply> {
  const { context } = services;
  const { team = '', box = '', version = '' } = request.params;
  checkBoxNames({ team, name: box });
  checkBoxVersion(version);
  const sha256 = promisedDigest(request);
  const run = await Run.open(context.home);
  try {
    const path = join(run.folder, 'pushed.box');
    const { bytes } = await receiveFile(request.stream, path, sha256, request.signal);
    const metadata = await peekBox(path, `${team}/${box} ${version}`);
    const { query } = request;
    const architecture = metadata.architecture ?? query['architecture'] ?? anyArchitecture;
    checkBoxNames({ architecture });
    return await addBoxFile(services, {
      ...{ team, box, version, architecture, sha256, bytes, path },
      provider: metadata.provider,
      caller: request.caller,
      ...(query['description'] !== undefined && { description: query['description'].slice(0, 2000) }),
      ...(query['private'] !== undefined && { isPrivate: query['private'] !== 'false' }),
    });
  } finally {
    await run.close();
  }
}

export interface NewBoxFile {
  readonly team: string;
  readonly box: string;
  readonly version: string;
  readonly provider: string;
  readonly architecture: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Where the file is now; it is moved away. */
  readonly path: string;
  readonly caller: Caller;
  readonly description?: string;
  /** By default a new box is. */
  readonly isPrivate?: boolean;
}

export async function addBoxFile({ context }: GalleryServices, made: NewBoxFile): Promise<RouteReply> {
  const { team, box, version, provider, architecture, sha256, bytes, path, caller } = made;
  const id = `${team}/${box}`.toLowerCase();
  const now = context.now();
  await placeBoxFile(context.home, path, sha256);
  const status = await context.database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('boxes')
      .values({
        ...{ id, team, name: box, description: made.description ?? '', private: made.isPrivate ?? true },
        ...{ created_at: now, created_by: caller.name },
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    if (made.description !== undefined || made.isPrivate !== undefined) {
      await transaction
        .updateTable('boxes')
        .set({
          ...(made.description !== undefined && { description: made.description }),
          ...(made.isPrivate !== undefined && { private: made.isPrivate }),
        })
        .where('id', '=', id)
        .execute();
    }
    const inserted = await transaction
      .insertInto('box_files')
      .values({
        ...{ box_id: id, version, provider, architecture, sha256, bytes },
        ...{ created_at: now, created_by: caller.name },
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('sha256')
      .executeTakeFirst();
    if (inserted) return 201;
    const before = await transaction
      .selectFrom('box_files')
      .select('sha256')
      .where('box_id', '=', id)
      .where('version', '=', version)
      .where('provider', '=', provider)
      .where('architecture', '=', architecture)
      .executeTakeFirst();
    if (before?.sha256 === sha256) return 200;
    throw new ServiceError(
      409,
      'Conflict',
      `${team}/${box} ${version} has another file for ${provider} (${architecture}) already; give the new one another version`,
    );
  });
  return { status, body: { box: `${team}/${box}`, version, provider, architecture, sha256, bytes } };
}
