import { createHash } from 'node:crypto';

/** Permission bits in octal, as chmod takes them. */
export function fileMode(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** Groups one by one: a profile names some, and leaves the others as they are. */
export function memberValues(groups: readonly string[]): Record<string, string> {
  return Object.fromEntries(groups.map((group) => [`in ${group}`, 'yes']));
}

export function keysText(lines: readonly string[]): string {
  return lines.map(sshKeyName).sort().join(', ');
}

/** A key in few words: its type, the start of its fingerprint (`ssh-keygen -l`), its comment. */
function sshKeyName(line: string): string {
  const match = /(?:^|\s)((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-\S+)\s+([A-Za-z0-9+/=]+)(?:\s+(.*))?$/.exec(line);
  if (!match) return line.length > 40 ? `${line.slice(0, 40)}…` : line;
  const print = createHash('sha256').update(Buffer.from(match[2]!, 'base64')).digest('base64').slice(0, 12);
  const options = line.slice(0, match.index).trim();
  return [match[1], print, match[3], options && `(${options})`].filter((part) => part).join(' ');
}

/** Rules of sudoers with one way of writing them. */
export function sudoText(rules: readonly string[]): string {
  return rules
    .map((rule) =>
      rule
        .replace(/\s+/g, ' ')
        .replace(/\s*=\s*/, '=')
        .replace(/\)\s*/, ') ')
        .replace(/\b([A-Z_]{3,}):\s*/g, '$1: ')
        .trim(),
    )
    .sort()
    .join('; ');
}

/** `UTC` has several names. */
export function timezoneText(zone: string): string {
  return /^(?:Etc\/)?(?:UTC|UCT|Universal|Zulu)$/.test(zone) ? 'UTC' : zone;
}

/** `en_GB.utf8` is `en_GB.UTF-8`. */
export function localeText(locale: string): string {
  return locale.replace(/\.utf-?8$/i, '.UTF-8');
}
