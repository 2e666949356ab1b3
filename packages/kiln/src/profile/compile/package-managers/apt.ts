import type { Repository } from '../../../plan/profile.ts';
import { command } from '../script-builder.ts';
import { aptListLibrary } from '../shell/apt-lists.ts';
import { type PackageManager, type RepositoryFile, type RepositoryKey, textFile } from './package-manager.ts';

/** apt and dpkg, of Debian and Ubuntu. */
export const apt: PackageManager = { name: 'apt', library: aptLibrary(), repositoryFiles, standsElsewhere };

/** deb822 style: sources.list(5). Keys of OpenPGP may be armoured when their name says so. */
function repositoryFiles(
  { name, absent, urls, suites, components, architectures }: Repository,
  key: RepositoryKey | undefined,
): readonly RepositoryFile[] {
  const definition = definitionFile(name);
  const keyFile = (extension: string) => `/etc/apt/keyrings/${name}.${extension}`;
  const gone = (path: string): RepositoryFile => ({ kind: 'absent', path });
  if (absent) {
    return [definition, `/etc/apt/sources.list.d/${name}.list`, keyFile('asc'), keyFile('gpg')].map(gone);
  }
  const isFlat = suites.every(isFlatSuite);
  const extension = key?.armoured ? 'asc' : 'gpg';
  const fields = [
    ['Types', 'deb'],
    ['URIs', urls.join(' ')],
    ['Suites', suites.join(' ')],
    ['Components', isFlat ? '' : components.join(' ')],
    ['Architectures', architectures.join(' ')],
    ['Signed-By', key ? keyFile(extension) : ''],
  ];
  return [
    ...(key ? [{ kind: 'file', path: keyFile(extension), content: key.content } as const] : []),
    textFile(
      definition,
      fields.filter(([, value]) => value !== '').map(([field, value]) => `${field}: ${value}`),
    ),
  ];
}

function definitionFile(name: string): string {
  return `/etc/apt/sources.list.d/${name}.sources`;
}

/** A folder instead of a suite: sources.list(5). */
function isFlatSuite(suite: string): boolean {
  return suite.endsWith('/');
}

function standsElsewhere({ name, urls, suites, components }: Repository) {
  const wanted = suites.every(isFlatSuite) ? [] : components;
  const words = [urls, suites, wanted].map((list) => list.join(' '));
  return { library: aptListLibrary, condition: command('stands_elsewhere', definitionFile(name), ...words) };
}

function aptLibrary(): string {
  return `
# Never asks, keeps configuration files that somebody has changed, and starts nothing that the policy forbids.
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true UCF_FORCE_CONFFOLD=1
export APT_LISTCHANGES_FRONTEND=none NEEDRESTART_SUSPEND=1

query() {
  [ $# -gt 0 ] || return 0
  dpkg-query -W -f '\${db:Status-Status} \${Status} \${Package} \${Architecture} \${Version}\\n' "$@" >"$work/query" 2>/dev/null
  while read -r status want error state name architecture version; do
    [ "$status" = installed ] || continue
    held=no
    [ "$want" != hold ] || held=yes
    installed "$name" "$version" "$held"
    installed "$name:$architecture" "$version" "$held"
  done <"$work/query"
}

candidates() {
  apt-cache policy "$@" >"$work/candidates" 2>/dev/null
  name=
  while read -r first second rest; do
    case $first in
      Candidate:) [ "$second" = '(none)' ] || candidate "$name" "$second" ;;
      *:) [ -n "$second" ] || name=\${first%:} ;;
    esac
  done <"$work/candidates"
}

no_lists() {
  for one in $(ls /var/lib/apt/lists 2>/dev/null); do
    case $one in *_Packages* | *_InRelease | *_Release) return 1 ;; esac
  done
}

# A machine that has just started looks for news of its own accord, and nobody waits for the lock of lists.
refresh() {
  tries=0
  while ! apt-get -q update -o DPkg::Lock::Timeout=300 >"$work/refresh.log" 2>&1; do
    if [ "$tries" -ge 60 ] || ! grep -q 'Could not get lock' "$work/refresh.log"; then
      cat "$work/refresh.log"
      return 1
    fi
    tries=$((tries + 1))
    sleep 5
  done
  cat "$work/refresh.log"
}

apt_get() {
  apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \\
    -o APT::Install-Suggests=false -o Dpkg::Use-Pty=0 --no-install-recommends --allow-downgrades "$@"
}

word_for() {
  WORD=$1\${2:+=$2}
}

transaction() {
  minus=
  for one in $REMOVE; do minus="$minus $one-"; done
  apt_get install -- $INSTALL $minus
}

collateral() {
  minus=
  for one in $REMOVE; do minus="$minus $one-"; done
  apt_get -s install -- $INSTALL $minus >"$work/simulation" 2>/dev/null
  while read -r first name rest; do
    [ "$first" != Remv ] || COLLATERAL="$COLLATERAL \${name%%:*}"
  done <"$work/simulation"
}

hold() {
  printf '%s hold\\n' "$1" | dpkg --set-selections
}

unhold() {
  printf '%s install\\n' "$1" | dpkg --set-selections
}

# A pattern's only wild card is *.
version_fits() {
  case $1 in $2) return 0 ;; esac
  return 1
}

why() {
  WHY=
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      *"$1"*) case $line in 'E: '* | 'dpkg: error'* | ' '*) WHY="$WHY\${WHY:+; }\${line#E: }" ;; esac ;;
      'E: Unable to locate'* | 'E: Package'*) ;;
      'E: '*) WHY="$WHY\${WHY:+; }\${line#E: }" ;;
    esac
  done <"$work/packages.log"
}
`;
}
