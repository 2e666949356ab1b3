/**
 * What apt's lists say, in both of their forms (sources.list(5)). Entries that are disabled, that are trusted whoever
 * signs them, or that are of source packages do not count.
 */
export const aptListLibrary = `
# apt_entries: the entries of /etc/apt, a line each: URL SUITE COMPONENT, without a component for flat ones
apt_entries() {
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$list" ] || continue
    sed -e 's/#.*//' -e '/\\[.*trusted=yes.*\\]/d' -e 's/\\[[^]]*\\]//' "$list" | while read -r type url suite components; do
      [ "$type" != deb ] || apt_product "$url" "$suite" "$components"
    done
  done
  for list in /etc/apt/sources.list.d/*.sources; do
    [ -f "$list" ] || continue
    # A last line that is empty ends the last paragraph.
    { cat "$list" && echo && echo; } | {
      apt_paragraph
      while IFS= read -r line; do
        case $line in
          '#'*) continue ;;
          '')
            case "$enabled $types" in
              no*) ;;
              *' deb'*) apt_product "$urls" "$suites" "$components" ;;
            esac
            apt_paragraph
            continue
            ;;
          [!\\ $tab]*)
            field=\${line%%:*}
            line=\${line#*:}
            ;;
        esac
        case $field in
          Types) types="$types $line" ;;
          URIs) urls="$urls $line" ;;
          Suites) suites="$suites $line" ;;
          Components) components="$components $line" ;;
          Enabled) enabled=\${line##* } ;;
          Trusted) case $line in *yes) enabled=no ;; esac ;;
        esac
      done
    }
  done
}

apt_paragraph() {
  types= urls= suites= components= enabled=yes field=
}

# apt_product URLS SUITES COMPONENTS
apt_product() {
  for one_url in $1; do
    for one_suite in $2; do
      [ -n "$3" ] || echo "\${one_url%/} $one_suite"
      for one_component in $3; do echo "\${one_url%/} $one_suite $one_component"; done
    done
  done
}

# stands_elsewhere FILE URLS SUITES COMPONENTS: FILE is not there, and other lists have all that it would say
stands_elsewhere() {
  [ ! -e "$1" ] && [ ! -L "$1" ] || return 1
  set -f
  apt_product "$2" "$3" "$4" >"$work/wanted_entries"
  set +f
  apt_entries >"$work/entries"
  while IFS= read -r line; do
    grep -qxF -e "$line" "$work/entries" || return 1
  done <"$work/wanted_entries"
}
`;
