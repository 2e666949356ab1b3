import { messageOf } from '../../base/errors.ts';
import { operationHeaders } from '../http/long-running.ts';
import type { OperationState } from '../http/operations.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { idKey } from './arm-ids.ts';
import type { BeginWork } from './gallery-services.ts';

/** Work that goes on behind replies. */
export interface BackgroundWork {
  readonly begin: BeginWork;
  /** Waits for what is going on. */
  readonly settled: () => Promise<void>;
}

/**
 * Work on versions. What an operation says is read from the version's row, so that it is true although the process that
 * began it is gone and another one goes on with it.
 */
export function backgroundWork(context: ServiceContext): BackgroundWork {
  const running = new Set<Promise<void>>();
  const stateOf = async (id: string): Promise<OperationState | undefined> => {
    const row = await context.database
      .selectFrom('image_versions')
      .select(['state', 'failure'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) return undefined;
    if (row.state === 'Succeeded') return { status: 'Succeeded' };
    if (row.state !== 'Failed') return { status: 'InProgress' };
    return {
      status: 'Failed',
      error: { code: 'ReplicationFailed', message: row.failure ?? 'a region failed' },
    };
  };
  context.operations.follow('image-version', stateOf);
  // A version that is gone has been deleted.
  context.operations.follow(
    'image-version-end',
    async (id) => (await stateOf(id)) ?? { status: 'Succeeded' },
  );
  return {
    begin: async ({ request, location, resource, work }) => {
      const operation = await context.operations.begin({
        resourceId: resource,
        location,
        provider: 'Microsoft.Compute',
        callerId: request.caller.id,
        ...(work
          ? {
              follows: {
                kind: work.ends ? 'image-version-end' : 'image-version',
                id: idKey(resource),
              },
            }
          : { ended: { status: 'Succeeded' } }),
      });
      if (work) {
        const promise = work.run().catch((error: unknown) => {
          const reason = error instanceof ServiceError ? `${error.code}: ${error.message}` : messageOf(error);
          context.log.warn({ resource, reason, requestId: request.requestId }, 'work on a version failed');
        });
        running.add(promise);
        void promise.finally(() => running.delete(promise));
      }
      return operationHeaders(request, operation);
    },
    settled: async () => {
      await Promise.all(running);
    },
  };
}
