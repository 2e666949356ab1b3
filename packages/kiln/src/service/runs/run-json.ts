import type { Selectable } from 'kysely';
import type { RunOutputRow, RunRow, RunStepRow } from './run-tables.ts';

/** A run as `/api/v1` shows it. Times are ISO 8601; durations milliseconds. */
export function runJson(row: Omit<Selectable<RunRow>, 'template'>): object {
  return {
    id: row.id,
    templateId: row.template_id,
    state: row.state,
    ...(row.ended_at === null && { subState: row.sub_state }),
    message: row.message,
    ...(row.failure !== null && { failure: JSON.parse(row.failure) as object }),
    cause: row.cause,
    callerId: row.caller_id,
    location: row.location,
    queuedAt: row.queued_at.toISOString(),
    ...(row.started_at && { startedAt: row.started_at.toISOString() }),
    ...(row.ended_at && { endedAt: row.ended_at.toISOString() }),
    attempts: row.attempts,
    ...(row.worker_id !== null && { workerId: row.worker_id }),
    size: { cpus: row.cpus, memoryMib: row.memory_mib },
    ...(row.exact_source !== null && { exactSource: row.exact_source }),
  };
}

export function stepJson(row: Selectable<RunStepRow>): object {
  return {
    attempt: row.attempt,
    position: row.position,
    name: row.name,
    subState: row.sub_state,
    state: row.state,
    startedAt: row.started_at.toISOString(),
    ...(row.ended_at && { endedAt: row.ended_at.toISOString() }),
    ...(row.milliseconds !== null && { milliseconds: row.milliseconds }),
  };
}

export function outputJson(row: Selectable<RunOutputRow>): object {
  return {
    name: row.name,
    state: row.state,
    ...(row.artifact_id !== null && { artifactId: row.artifact_id }),
    ...(row.artifact_uri !== null && { artifactUri: row.artifact_uri }),
    ...(row.message !== null && { message: row.message }),
    updatedAt: row.updated_at.toISOString(),
  };
}
