import type { Selectable } from 'kysely';
import type { Route } from '../http/route.ts';
import type { StagingGroupRow } from '../runs/run-tables.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';

/** What is temporary, and whose. Machines that `errorHandling: abort` has kept are here until somebody removes them. */
export function stagingRoutes({ database, access }: ServiceContext): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/staging',
      action: 'signed-in',
      summary: 'Staging groups: those of runs that go on, and those that are kept',
      handle: async ({ caller }) => {
        const rows = await database.selectFrom('staging_groups').selectAll().orderBy('created_at').execute();
        const seen: Selectable<StagingGroupRow>[] = [];
        for (const row of rows) if (await access.may(caller, 'runs/read', row.template_id)) seen.push(row);
        const kept = seen.filter(({ state }) => state === 'kept');
        return {
          status: 200,
          body: {
            value: seen.map(stagingJson),
            kept: kept.length,
            keptBytes: kept.reduce((sum, { bytes }) => sum + Number(bytes), 0),
          },
        };
      },
    },
    {
      method: 'DELETE',
      path: '/api/v1/staging/{group}',
      action: 'signed-in',
      summary: 'Removes a staging group that is kept',
      handle: async ({ caller, params }) => {
        const name = params['group'] ?? '';
        const row = await database
          .selectFrom('staging_groups')
          .selectAll()
          .where('name', '=', name)
          .executeTakeFirst();
        if (!row || !(await access.may(caller, 'runs/read', row.template_id))) {
          throw new ServiceError(404, 'ResourceNotFound', `there is no staging group ${name}`);
        }
        await access.demand(caller, 'templates/write', row.template_id);
        if (row.state !== 'kept') {
          throw new ServiceError(
            409,
            'OperationNotAllowed',
            'the group goes with its run; cancel the run instead',
          );
        }
        // Its run has ended, so that the sweeper of its host removes it now.
        await database
          .updateTable('staging_groups')
          .set({ state: 'leased' })
          .where('name', '=', name)
          .execute();
        return { status: 202 };
      },
    },
  ];
}

function stagingJson(row: Selectable<StagingGroupRow>): object {
  return {
    name: row.name,
    runId: row.run_id,
    templateId: row.template_id,
    ...(row.owner_group !== null && { stagingResourceGroup: row.owner_group }),
    state: row.state,
    host: row.host,
    createdAt: row.created_at.toISOString(),
    bytes: Number(row.bytes),
  };
}
