import type { PackageManager } from './package-manager.ts';

/** apk, of Alpine. A package is held by its version in /etc/apk/world. */
export const apk: PackageManager = {
  name: 'apk',
  library: `
# P: name, V: version, an empty line after each package
query() {
  database=/lib/apk/db/installed
  [ -e "$database" ] || database=/usr/lib/apk/db/installed
  [ -e "$database" ] || return 0
  pinned=
  while read -r word; do
    case $word in *=*) pinned="$pinned \${word%%=*}" ;; esac
  done </etc/apk/world
  while IFS= read -r line; do
    case $line in
      P:*) name=\${line#P:} ;;
      V:*)
        held=no
        ! has_word "$pinned" "$name" || held=yes
        installed "$name" "\${line#V:}" "$held"
        ;;
    esac
  done <"$database"
}

# "name-1.2-r0 < 1.3-r0"
candidates() {
  apk version -l '<' "$@" >"$work/candidates" 2>/dev/null
  while read -r word sign version rest; do
    [ "$sign" = '<' ] || continue
    word=\${word%-*}
    candidate "\${word%-*}" "$version"
  done <"$work/candidates"
}

no_lists() {
  for one in $(ls /var/cache/apk /lib/apk/db /etc/apk/cache 2>/dev/null); do
    case $one in APKINDEX*) return 1 ;; esac
  done
}

refresh() {
  apk update
}

# A pattern is one of apk's own: everything that starts so.
word_for() {
  case $2 in
    '') WORD=$1 ;;
    *'*') WORD=$1~\${2%'*'} ;;
    *) WORD=$1=$2 ;;
  esac
  case $WORD in *.) WORD=\${WORD%.} ;; esac
}

transaction() {
  code=0
  if [ -n "$REMOVE" ]; then apk del $REMOVE || code=$?; fi
  plain=
  newest=
  for word in $INSTALL; do
    case $word in
      *[=~]*) plain="$plain $word" ;;
      *) newest="$newest $word" ;;
    esac
  done
  if [ -n "$plain" ]; then apk add $plain || code=$?; fi
  if [ -n "$newest" ]; then apk add --upgrade $newest || code=$?; fi
  return "$code"
}

collateral() {
  apk del --simulate $REMOVE >"$work/simulation" 2>/dev/null
  while read -r count action name rest; do
    [ "$action" != Purging ] || COLLATERAL="$COLLATERAL $name"
  done <"$work/simulation"
}

hold() {
  index_of "$1"
  eval "version=\\$version_$INDEX"
  apk add "$1=$version"
}

unhold() {
  apk add "$1"
}

version_fits() {
  case $1 in $2) return 0 ;; esac
  return 1
}

why() {
  WHY=
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in *"$1"*) WHY="$WHY\${WHY:+; }$line" ;; ERROR:*) WHY=\${WHY:-$line} ;; esac
  done <"$work/packages.log"
}
`,
  repositoryFiles: ({ name, absent, urls }, key) => {
    const keyFile = `/etc/apk/keys/${name}.rsa.pub`;
    const block = { kind: 'block', path: '/etc/apk/repositories', name, lines: absent ? [] : urls } as const;
    if (absent) return [block, { kind: 'absent', path: keyFile }];
    return [...(key ? [{ kind: 'file', path: keyFile, content: key.content } as const] : []), block];
  },
  obstacle: ({ name, version, held }) => {
    if (version !== undefined && /\*./.test(version)) {
      return `${name}: apk takes a "*" only at the end of a version`;
    }
    return held && version?.includes('*')
      ? `${name}: apk holds exact versions only, and "${version}" is a pattern`
      : undefined;
  },
};
