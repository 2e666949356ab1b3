import type { PackageManager } from './package-manager.ts';
import { rpmLibrary, rpmRepositoryFiles } from './rpm-repository.ts';

/** dnf, of Fedora, RHEL and what is made of them. Holding takes its versionlock plugin. */
export const dnf: PackageManager = {
  name: 'dnf',
  library: `${rpmLibrary}
list_held() {
  HELD_NAMES=
  for list in /etc/dnf/plugins/versionlock.list /etc/dnf/versionlock.toml; do
    [ -e "$list" ] || continue
    while read -r first second third rest; do
      case $first in
        '' | '#'* | '!'*) ;;
        # dnf 5: name = "nginx"
        name)
          third=\${third#?}
          HELD_NAMES="$HELD_NAMES \${third%?}"
          ;;
        # dnf 4: nginx-1:1.20.1-1.el9.*
        *-*-*)
          first=\${first%-*}
          HELD_NAMES="$HELD_NAMES \${first%-*}"
          ;;
      esac
    done <"$list"
  done
}

# Prints "name.architecture version repository" for what there is newer; candidates that are installed are not listed.
candidates() {
  dnf -q --disableplugin=versionlock check-update "$@" >"$work/candidates" 2>/dev/null
  while read -r name version rest; do
    case $name in *.*) ;; *) continue ;; esac
    case $rest in '' | *' '*) continue ;; esac
    candidate "\${name%.*}" "\${version#0:}"
  done <"$work/candidates"
}

# It looks after its own lists.
no_lists() {
  return 1
}

refresh() {
  dnf -q -y makecache --refresh
}

word_for() {
  WORD=$1\${2:+-$2}
}

dnf_run() {
  dnf -y --setopt=install_weak_deps=False --setopt=keepcache=False "$@"
}

transaction() {
  code=0
  if [ -n "$REMOVE" ]; then dnf_run --noautoremove remove $REMOVE || code=$?; fi
  newer=
  fresh=
  for word in $INSTALL; do
    # "install" leaves a package alone that is there, whatever its version.
    if has_word "$CHANGE" "$word" && rpm -q "$word" >/dev/null 2>&1; then newer="$newer $word"; else fresh="$fresh $word"; fi
  done
  if [ -n "$newer" ]; then dnf_run upgrade $newer || code=$?; fi
  if [ -n "$fresh" ]; then dnf_run install --allowerasing $fresh || code=$?; fi
  for word in $fresh; do
    has_word "$CHANGE" "$word" && ! rpm -q "$word" >/dev/null 2>&1 || continue
    dnf_run downgrade "$word" || :
  done
  return "$code"
}

collateral() {
  dnf_run --noautoremove --setopt=tsflags=test remove $REMOVE --assumeno >"$work/simulation" 2>/dev/null
  while read -r name rest; do
    index_of "$name"
    [ -z "$INDEX" ] || COLLATERAL="$COLLATERAL $name"
  done <"$work/simulation"
}

hold() {
  dnf -q versionlock add "$1"
}

unhold() {
  dnf -q versionlock delete "$1"
}
`,
  repositoryFiles: (repository, key) => rpmRepositoryFiles(repository, key, '/etc/yum.repos.d'),
};
