import type { SourceLocation } from '../../../base/errors.ts';
import { packageState, packageWord } from '../notations/package-word.ts';
import { type CloudContext, refuse } from './cloud-context.ts';
import type { CloudConfig } from './shape.ts';

/** The fields about packages: which, and whether what is installed is upgraded. */
export function readCloudPackages(config: CloudConfig, context: CloudContext): void {
  const { problems, places, layer } = context;
  const { packages } = config;
  packages?.forEach((item, index) => {
    const at = places.of(packages, index);
    if (typeof item === 'string') addWord(item, at, context);
    else if (isPair(item)) addPair(item, at, context);
    else {
      if (item.snap?.length)
        problems.error(
          places.of(item, 'snap'),
          'snaps cannot be installed where snapd does not run',
          'install them in a script at first-boot',
        );
      const own = item.apt ?? [];
      own.forEach((one: string | readonly string[], number: number) => {
        const place = places.of(own, number);
        if (typeof one === 'string') addWord(one, place, context);
        else addPair(one, place, context);
      });
    }
  });
  for (const field of ['package_reboot_if_required', 'apt_reboot_if_required'] as const) {
    if (!config[field]) continue;
    refuse(
      context,
      config,
      field,
      'profiles do not restart machines',
      'use "reboot: true" as a step of kiln.yaml',
    );
  }
  for (const field of ['package_upgrade', 'apt_upgrade'] as const) {
    if (!config[field]) continue;
    layer.add('scripts', 'upgrade packages', places.of(config, field), { at: 'before-packages', ...upgrade });
  }
}

function isPair(item: unknown): item is readonly string[] {
  return Array.isArray(item);
}

function addWord(word: string, at: SourceLocation, { problems, layer }: CloudContext): void {
  const read = packageWord.parse(word);
  if (read === undefined) return;
  if ('problem' in read) problems.error(at, `packages: ${read.problem}`, read.hint);
  else layer.add('packages', read.name, at, { absent: false, version: read.version });
}

/** A list of two: name and version. */
function addPair(pair: readonly string[], at: SourceLocation, context: CloudContext): void {
  const [name, version, ...rest] = pair;
  if (name === undefined || rest.length > 0) {
    context.problems.error(
      at,
      `a package is a name, or a name and a version, and not ${pair.length} texts`,
      'write [nginx, 1.22.1-9]',
    );
    return;
  }
  const read = version === undefined ? undefined : packageState.parse(version);
  if (read !== undefined && typeof read !== 'string')
    context.problems.error(at, `packages: ${read.problem}`, read.hint);
  else addWord(version === undefined ? name : `${name}=${version}`, at, context);
}

/** Brings all packages up to date with whichever package manager there is; nothing to do where they are. */
const upgrade = {
  run: `#!/bin/sh
set -e
if command -v apt-get > /dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold upgrade
elif command -v dnf > /dev/null; then dnf -y upgrade
elif command -v zypper > /dev/null; then zypper --non-interactive update
elif command -v apk > /dev/null; then apk upgrade
else echo "there is no package manager to upgrade with" >&2; exit 1
fi
`,
  unless: `if command -v apt-get > /dev/null; then ! apt-get -s upgrade | grep -q '^Inst '
elif command -v dnf > /dev/null; then dnf -q check-update > /dev/null
elif command -v apk > /dev/null; then ! apk upgrade --simulate | grep -q Upgrading
else exit 1; fi`,
} as const;
