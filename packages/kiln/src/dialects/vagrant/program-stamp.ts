import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kilnVersion } from '../../base/version.ts';

/**
 * Changes when the program that evaluates does: what another one has read is not used. Of sources the newest time counts,
 * so that those who work on them see what they do.
 */
export function programStamp(): string {
  if (!import.meta.url.endsWith('.ts')) return kilnVersion;
  const folder = dirname(fileURLToPath(import.meta.url));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const times = files.map((one) => statSync(join(one.parentPath, one.name)).mtimeMs);
  return `${kilnVersion} ${Math.max(...times)}`;
}
