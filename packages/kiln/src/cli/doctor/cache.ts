import { KilnError } from '../../base/errors.ts';
import { formatSize } from '../../base/sizes.ts';
import { checkpointBudget, checkpointBytes } from '../../store/checkpoints/checkpoint-budget.ts';
import type { Check } from './check.ts';

/** How much the kept states of builds take, and may take. */
export async function checkCache(
  home: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Check> {
  const common = { name: 'checkpoints', needed: false };
  const taken = formatSize(await checkpointBytes(home));
  try {
    const limit = formatSize(await checkpointBudget(home, env));
    return { ...common, status: 'ok', detail: `${taken}, at most ${limit} (see kiln cache)` };
  } catch (error) {
    if (!(error instanceof KilnError)) throw error;
    return { ...common, status: 'warn', detail: error.message, ...(error.hint && { fix: error.hint }) };
  }
}
