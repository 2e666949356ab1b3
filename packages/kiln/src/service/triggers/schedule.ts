import { Cron } from 'croner';
import { messageOf } from '../../base/errors.ts';
import { ServiceError } from '../service-error.ts';

export interface ScheduleSettings {
  /** Five fields, or six with seconds (https://croner.56k.guru/usage/pattern). */
  readonly cron: string;
  /** Such as `Europe/Berlin`; by default UTC. */
  readonly timeZone?: string;
}

/** When a schedule's turn comes after a moment; null for never. @throws ServiceError 400 for what is no schedule */
export function nextTurn({ cron, timeZone = 'UTC' }: ScheduleSettings, after: Date): Date | null {
  if (cron.trim() === '') {
    throw new ServiceError(400, 'ValidationFailed', 'a schedule needs "cron", such as "0 3 * * 1"', {
      target: 'cron',
    });
  }
  try {
    // Intl says what is wrong with a zone; croner would take some that do not exist.
    new Intl.DateTimeFormat('en', { timeZone });
    return new Cron(cron, { timezone: timeZone, paused: true }).nextRun(after);
  } catch (error) {
    throw new ServiceError(
      400,
      'ValidationFailed',
      `"${cron}" in "${timeZone}" is no schedule: ${messageOf(error)}`,
      {
        target: 'cron',
      },
    );
  }
}
