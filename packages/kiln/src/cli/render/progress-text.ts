import type { Progress } from '../../base/events.ts';
import { formatSize } from '../../base/sizes.ts';

/** `120 MB of 400 MB (30 %)`, or `30 %`. */
export function progressText({ done, total, unit }: Progress): string {
  // A hundred items are the percents that a tool told.
  if (unit === 'items' && total === 100) return `${done} %`;
  const show = (amount: number) => (unit === 'bytes' ? formatSize(amount) : String(amount));
  if (total === undefined || total <= 0) return show(done);
  return `${show(done)} of ${show(total)} (${Math.floor((100 * Math.min(done, total)) / total)} %)`;
}
