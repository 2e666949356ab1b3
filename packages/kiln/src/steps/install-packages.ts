import { KilnError } from '../base/errors.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import type { Stage } from './stage.ts';
import type { StepContext } from './step-context.ts';

/** Names of the same thing by package manager; one that is not named does not have it. */
export interface PackageNames {
  readonly apt?: readonly string[];
  readonly dnf?: readonly string[];
  readonly yum?: readonly string[];
  readonly zypper?: readonly string[];
  readonly apk?: readonly string[];
  readonly pacman?: readonly string[];
}

const commands: Readonly<Record<keyof PackageNames, (names: string) => string>> = {
  // A fresh machine may be updating its lists by itself: apt waits for packages' lock only. Lists of the last hour do.
  apt: (names) => `export DEBIAN_FRONTEND=noninteractive
  update() {
    tries=0
    until apt-get -q update; do
      tries=$((tries + 1)); [ "$tries" -lt 60 ] || exit 1; sleep 2
    done
  }
  install() { apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends ${names}; }
  fresh=$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mmin -60 2>/dev/null | head -n 1)
  [ -n "$fresh" ] || update
  install || { [ -n "$fresh" ] && update && install; }`,
  dnf: (names) => `dnf -q -y install ${names}`,
  yum: (names) => `yum -q -y install ${names}`,
  zypper: (names) => `zypper --non-interactive install ${names}`,
  apk: (names) => `apk add --no-cache ${names}`,
  pacman: (names) => `pacman -Sy --noconfirm --needed ${names}`,
};

const programs: Readonly<Record<keyof PackageNames, string>> = {
  apt: 'apt-get',
  dnf: 'dnf',
  yum: 'yum',
  zypper: 'zypper',
  apk: 'apk',
  pacman: 'pacman',
};

/** Exit code of a script of `installScript` on a system that nothing is known of. */
const unknownSystem = 97;

/** A shell script that installs packages with whatever package manager there is. */
export function installScript(names: PackageNames): string {
  const cases = Object.entries(programs).flatMap(([manager, program]) => {
    const list = names[manager as keyof PackageNames];
    if (!list) return [];
    const command = commands[manager as keyof PackageNames](list.map(shellQuote).join(' '));
    return [`if command -v ${program} >/dev/null 2>&1; then\n  ${command}\n`];
  });
  return `${cases.join('el')}else\n  exit ${unknownSystem}\nfi`;
}

/**
 * Installs packages in the machine as root.
 * @throws KilnError `step-failed`
 */
export async function installPackages(
  what: string,
  names: PackageNames,
  stage: Stage,
  context: StepContext,
): Promise<void> {
  context.say(`Installing ${what}`);
  const code = await stage.run(installScript(names), { asRoot: true });
  if (code === 0) return;
  if (code === unknownSystem) {
    throw new KilnError('unsupported', `Kiln does not know how to install ${what} on this system`, {
      hint: 'install it in a step before this one',
    });
  }
  throw new KilnError(
    'step-failed',
    `${what} could not be installed: the package manager ended with ${code}`,
  );
}

/** A tool that a step needs and the machine does not have. */
export function missingInMachine(tool: string, advice: string): KilnError {
  return new KilnError('tool-missing', `there is no ${tool} in the machine`, { hint: advice });
}
