import type { PackageManager } from './package-manager.ts';
import { rpmLibrary, rpmRepositoryFiles } from './rpm-repository.ts';

/** zypper, of openSUSE and SUSE Linux Enterprise. */
export const zypper: PackageManager = {
  name: 'zypper',
  library: `${rpmLibrary}
list_held() {
  HELD_NAMES=
  [ -e /etc/zypp/locks ] || return 0
  while read -r first second rest; do
    [ "$first" != solvable_name: ] || HELD_NAMES="$HELD_NAMES $second"
  done </etc/zypp/locks
}

# "v | repository | name | installed | available | architecture"
candidates() {
  zypper -q -n list-updates --all >"$work/candidates" 2>/dev/null
  while IFS='|' read -r mark repository name current available architecture; do
    trim "$name"
    name=$REPLY
    has_word "$*" "$name" || continue
    trim "$available"
    candidate "$name" "$REPLY"
  done <"$work/candidates"
}

no_lists() {
  return 1
}

refresh() {
  zypper -n --gpg-auto-import-keys refresh
}

word_for() {
  WORD=$1\${2:+=$2}
}

transaction() {
  minus=
  words=
  for one in $REMOVE; do minus="$minus -$one"; done
  for one in $INSTALL; do
    newest_version "$one"
    words="$words $WORD"
  done
  zypper -n --gpg-auto-import-keys install --no-recommends --oldpackage --auto-agree-with-licenses -- $words $minus
}

# newest_version NAME=PATTERN: patterns are not for zypper, so that the newest version that fits is looked up
newest_version() {
  WORD=$1
  case $1 in *=*'*'*) ;; *) return ;; esac
  name=\${1%%=*}
  pattern=\${1#*=}
  zypper -q -n search -s --match-exact -t package "$name" >"$work/search" 2>/dev/null
  while IFS='|' read -r mark found kind version rest; do
    trim "$version"
    version_fits "$REPLY" "$pattern" || continue
    WORD=$name=$REPLY
    return
  done <"$work/search"
}

collateral() {
  zypper -n remove --dry-run -- $REMOVE >"$work/simulation" 2>/dev/null
  while read -r line; do
    for word in $line; do
      index_of "$word"
      [ -z "$INDEX" ] || COLLATERAL="$COLLATERAL $word"
    done
  done <"$work/simulation"
}

hold() {
  zypper -q -n addlock "$1"
}

unhold() {
  zypper -q -n removelock "$1"
}
`,
  repositoryFiles: (repository, key) =>
    rpmRepositoryFiles(repository, key, '/etc/zypp/repos.d', ['autorefresh=1', 'type=rpm-md']),
};
