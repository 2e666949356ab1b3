import { cleaningRules } from './cleaning-list.ts';

/**
 * The cleaning list as a POSIX shell script, for a machine that runs or a tree that it runs in as its root. What such a
 * machine needs while it runs (/run) stays: it is gone with its power.
 */
export function cleaningScript(): string {
  const lines = cleaningRules.flatMap(({ what, actions }) => [
    `# ${what}`,
    ...actions.flatMap(({ kind, paths }) => {
      const here = paths.filter((path) => path !== '/run' && !path.startsWith('/run/'));
      return here.length === 0 ? [] : [`${kind.replace('-', '_')} ${here.join(' ')}`];
    }),
  ]);
  return `#!/bin/sh
# Takes away what makes this system one particular machine, and what is left over from making it.
set -eu
empty() { for one do [ -L "$one" ] || [ ! -f "$one" ] || : > "$one"; done; }
remove() { for one do if [ -e "$one" ] || [ -L "$one" ]; then rm -rf -- "$one"; fi; done; }
clear() {
  for one do
    [ -L "$one" ] || [ ! -d "$one" ] || find "$one" -xdev -mindepth 1 -maxdepth 1 -exec rm -rf -- {} +
  done
}
remove_files() { for one do [ -L "$one" ] || [ ! -d "$one" ] || find "$one" -xdev -type f -exec rm -f -- {} +; done; }
# A machine of Kiln writes these once more when it is turned off, unless it is told not to.
if [ -d /run/systemd/system ] && [ -e /usr/lib/kiln/identity ]; then
  systemctl stop systemd-random-seed.service >/dev/null 2>&1 || true
  journalctl --relinquish-var >/dev/null 2>&1 || true
fi
${lines.join('\n')}
`;
}
