import type { Selectable } from 'kysely';
import type { RunRow } from './run-tables.ts';
import type { RunRecord } from './runs.ts';

/** What others see of a run's row. */
export function runRecord(row: Selectable<RunRow>): RunRecord {
  return {
    id: row.id,
    templateId: row.template_id,
    state: row.state,
    // A run that is being cancelled says no more where it is, as Azure's do not.
    ...(row.state === 'Running' && { subState: row.sub_state }),
    message: row.message,
    startedAt: row.queued_at,
    ...(row.ended_at && { endedAt: row.ended_at }),
  };
}
