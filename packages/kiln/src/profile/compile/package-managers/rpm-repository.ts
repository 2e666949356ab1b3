import type { Repository } from '../../../plan/profile.ts';
import { type RepositoryFile, type RepositoryKey, textFile } from './package-manager.ts';

/** A `.repo` file of dnf or zypper, with its key beside the keys of the distribution. */
export function rpmRepositoryFiles(
  { name, absent, urls }: Repository,
  key: RepositoryKey | undefined,
  folder: string,
  more: readonly string[] = [],
): readonly RepositoryFile[] {
  const definition = `${folder}/${name}.repo`;
  const keyFile = `/etc/pki/rpm-gpg/RPM-GPG-KEY-${name}`;
  if (absent) return [definition, keyFile].map((path) => ({ kind: 'absent', path }));
  return [
    ...(key ? [{ kind: 'file', path: keyFile, content: key.content } as const] : []),
    textFile(definition, [
      `[${name}]`,
      `name=${name}`,
      `baseurl=${urls[0] ?? ''}`,
      ...urls.slice(1).map((url) => `        ${url}`),
      'enabled=1',
      // Without a key of its own, those that the system trusts already have to do.
      'gpgcheck=1',
      ...(key ? [`gpgkey=file://${keyFile}`] : []),
      ...more,
    ]),
  ];
}

/** What `query` and `version_fits` are wherever rpm is. A wish may leave the epoch out, and the release. */
export const rpmLibrary = `
query() {
  [ $# -gt 0 ] || return 0
  list_held
  rpm -q --qf '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE} %{ARCH}\\n' "$@" >"$work/query" 2>/dev/null
  while read -r name version architecture rest; do
    case $version in *:*-*) ;; *) continue ;; esac
    [ -n "$architecture" ] && [ -z "$rest" ] || continue
    held=no
    ! has_word "$HELD_NAMES" "$name" || held=yes
    installed "$name" "\${version#0:}" "$held"
    installed "$name.$architecture" "\${version#0:}" "$held"
  done <"$work/query"
}

version_fits() {
  without_epoch=\${1#*:}
  case $1 in $2) return 0 ;; esac
  case $without_epoch in $2) return 0 ;; esac
  case \${without_epoch%-*} in $2) return 0 ;; esac
  return 1
}

# The last lines in which the tool names the package, else its last line that says something is wrong.
why() {
  WHY=
  last=
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      *"$1"*) WHY=$line ;;
      *[Ee]rror* | *[Nn]othing* | *[Ff]ailed*) last=$line ;;
    esac
  done <"$work/packages.log"
  WHY=\${WHY:-$last}
}
`;
