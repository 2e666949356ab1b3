import type { InventorySettings } from './inventory.ts';
import type { SettingFiles } from './setting-files.ts';

/** sysctl.d(5), modules-load.d(5), and what modprobe.d(5) keeps from being loaded. */
export function readKernelSettings(sources: SettingFiles): Pick<InventorySettings, 'sysctl' | 'modules'> {
  return {
    sysctl: readSysctl(sources),
    modules: { load: readLoaded(sources), blacklist: readBlacklist(sources) },
  };
}

/** Files in the order of their names; the last assignment counts. A dash in front of a key means that errors do not matter. */
function readSysctl(sources: SettingFiles): Record<string, string> {
  const found: Record<string, string> = {};
  for (const path of [...sources.in('/etc/sysctl.d', '.conf'), '/etc/sysctl.conf']) {
    const lines = sources.lines(path, '#;');
    if (!lines) continue;
    const matches = lines.map((line) => /^-?\s*([\w./*-]+?)\s*=\s*(.*)$/.exec(line));
    for (const match of matches) {
      if (match) found[sysctlKey(match[1]!)] = match[2]!.replace(/\s+/g, ' ').trim();
    }
    sources.took(
      'sysctl',
      path,
      matches.every((match) => match !== null),
    );
  }
  return found;
}

/** The first separator decides whether dots or slashes part the names. */
function sysctlKey(key: string): string {
  const first = /[./]/.exec(key)?.[0];
  if (first !== '/') return key;
  return key.replace(/[./]/g, (one) => (one === '/' ? '.' : '/'));
}

function readLoaded(sources: SettingFiles): string[] {
  const found: string[] = [];
  for (const path of ['/etc/modules', ...sources.in('/etc/modules-load.d', '.conf')]) {
    const lines = sources.lines(path, '#;');
    if (!lines) continue;
    // Options behind a name are modprobe.d's business, and what such a line loads is not only a name.
    const names = lines.filter((line) => /^[\w-]+$/.test(line));
    found.push(...names);
    sources.took('modules', path, names.length === lines.length);
  }
  return [...new Set(found)];
}

function readBlacklist(sources: SettingFiles): string[] {
  const found: string[] = [];
  for (const path of sources.in('/etc/modprobe.d', '.conf')) {
    const matches = (sources.lines(path) ?? []).map((line) => /^blacklist\s+([\w-]+)$/.exec(line));
    found.push(...matches.flatMap((match) => (match ? [match[1]!] : [])));
    // Other files of modprobe's have options, for which there are no settings.
    const whole = matches.every((match) => match !== null);
    if (whole) sources.took('modules', path, whole);
  }
  return [...new Set(found)];
}
