import type { Progress } from '../../base/events.ts';
import { formatSize } from '../../base/sizes.ts';

/** `120 MB of 400 MB (30 %)`. */
export function progressText({ done, total, unit }: Progress): string {
  const show = (amount: number) => (unit === 'bytes' ? formatSize(amount) : String(amount));
  if (total === undefined || total <= 0) return show(done);
  return `${show(done)} of ${show(total)} (${Math.floor((100 * Math.min(done, total)) / total)} %)`;
}
