import { KilnError } from '../../base/errors.ts';
import type { LockedPackage } from '../../plan/locked-package.ts';
import { parseStanza } from './control-stanza.ts';

/**
 * Sees to it that a tree has exactly the locked packages.
 * @param status text of the tree's /var/lib/dpkg/status
 * @param packages a later one of the same name and architecture takes the place of an earlier one
 * @param removed names that are not there any more
 * @throws KilnError `tool-failed` with what is otherwise
 */
export function checkInstalled(
  status: string,
  packages: readonly LockedPackage[],
  removed: readonly string[] = [],
): void {
  const wanted = new Map<string, string>();
  for (const { name, architecture, version } of packages) wanted.set(`${name}:${architecture}`, version);
  for (const { name, architecture } of packages)
    if (removed.includes(name)) wanted.delete(`${name}:${architecture}`);
  const faults: string[] = [];
  for (const text of status.split('\n\n')) {
    const stanza = parseStanza(text);
    const name = stanza.get('package');
    const state = stanza.get('status') ?? '';
    if (name === undefined || /^\S+ \S+ (?:config-files|not-installed)$/.test(state)) continue;
    const id = `${name}:${stanza.get('architecture')}`;
    const version = stanza.get('version');
    const locked = wanted.get(id);
    wanted.delete(id);
    if (locked === undefined) faults.push(`${name} ${version} is not locked`);
    else if (locked !== version) faults.push(`${name} is there as ${version}, and locked as ${locked}`);
    else if (!/^\S+ ok installed$/.test(state)) faults.push(`${name} is not configured (${state})`);
  }
  for (const [id, version] of wanted) faults.push(`${id.split(':', 1)[0]} ${version} is missing`);
  if (faults.length === 0) return;
  const shown = faults.slice(0, 8).join('; ');
  const more = faults.length > 8 ? `; and ${faults.length - 8} more` : '';
  throw new KilnError('tool-failed', `not exactly the locked packages were installed: ${shown}${more}`, {
    hint: 'make the lock again with `kiln profile lock`',
  });
}
