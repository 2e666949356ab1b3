import type { SettingFiles } from './setting-files.ts';

/**
 * What users may do by sudoers(5), by their names, as far as files of their own in /etc/sudoers.d say it in lines of the
 * form `name specification`.
 */
export function readSudoRules(sources: SettingFiles, users: ReadonlySet<string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const path of sources.in('/etc/sudoers.d', '')) {
    const lines = sources.lines(path) ?? [];
    const rules = lines.map((line) => /^(\S+)\s+([^=\s][^=]*=.*\S)$/.exec(line.replaceAll('\t', ' ')));
    for (const rule of rules) {
      if (!rule || !users.has(rule[1]!)) continue;
      const known = found.get(rule[1]!);
      if (known) known.push(rule[2]!);
      else found.set(rule[1]!, [rule[2]!]);
    }
    const isOfUser = rules.map((rule) => rule !== null && users.has(rule[1]!));
    if (isOfUser.includes(true)) sources.took('sudo', path, !isOfUser.includes(false));
  }
  return found;
}
