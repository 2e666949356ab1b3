/**
 * Packages, whatever installs them. All wishes go into one transaction; when that fails, one by one, so that one that is
 * impossible does not keep the others away. What counts is what is installed in the end, not how the tool ended.
 *
 * A manager (package-managers/) gives: `query NAME...`, which calls `installed NAME VERSION HELD` for each package that
 * there is; `candidates NAME...`, which calls `candidate NAME VERSION`; `refresh`; `transaction`, which takes its words
 * from INSTALL and REMOVE (those of INSTALL that are there in another version are in CHANGE too); `word_for NAME VERSION`, which sets WORD; `hold NAME` and `unhold NAME`;
 * `collateral`, which sets COLLATERAL to what removing REMOVE would take with it; `version_fits VERSION WISH`.
 * `index_of NAME` sets INDEX to the wish of that name, and `each_wish COMMAND` runs it with every wish:
 * ID NAME STATE VERSION HELD.
 */
export const packageLibrary = `
packages_changed=no
refreshed=no

installed() {
  index_of "$1"
  [ -z "$INDEX" ] || eval "version_$INDEX=\\$2 held_$INDEX=\\$3"
}

candidate() {
  index_of "$1"
  [ -z "$INDEX" ] || eval "candidate_$INDEX=\\$2"
}

forget_wish() {
  eval "version_$1= held_$1=no"
}

remember_wish() {
  eval "before_$1=\\$version_$1 before_held_$1=\\$held_$1"
}

# satisfied ID NAME STATE VERSION: whether the wish for a package, but for its being held, is fulfilled
satisfied() {
  eval "version=\\$version_$1"
  case $3 in
    absent) [ -z "$version" ] ;;
    present) [ -n "$version" ] && { [ -z "$4" ] || version_fits "$version" "$4"; } ;;
    latest)
      eval "newest=\\\${candidate_$1-}"
      [ -n "$version" ] && { [ -z "$newest" ] || [ "$version" = "$newest" ]; }
      ;;
  esac
}

plan_wish() {
  satisfied "$@" && return
  if [ "$3" = absent ]; then
    REMOVE="$REMOVE $2"
  else
    word_for "$2" "$4"
    INSTALL="$INSTALL $WORD"
    [ -z "$version" ] || CHANGE="$CHANGE $WORD"
  fi
  # What is held is changed when the profile says how.
  eval "held=\\$held_$1"
  [ "$held" = no ] || HELD="$HELD $2"
}

plan_wishes() {
  INSTALL=
  CHANGE=
  REMOVE=
  HELD=
  each_wish plan_wish
}

# One that comes from a repository that is new, or that nobody has looked at yet.
lists_needed() {
  [ "$refresh_first" = yes ] || [ "$repositories_changed" = yes ] || no_lists
}

# run_transaction LOG: what it says is progress too
run_transaction() {
  {
    for one in $HELD; do unhold "$one"; done
    transaction
    echo "$?" >"$work/code"
  } 2>&1 | tee "$1"
  read -r code <"$work/code"
  return "$code"
}

bring_packages() {
  each_wish forget_wish
  query $package_names
  if [ -n "$latest_names" ]; then
    if [ "$mode" = apply ] && [ "$refreshed" = no ]; then
      refreshed=yes
      refresh
    fi
    candidates $latest_names
  fi
  each_wish remember_wish
  plan_wishes
  spared=
  [ "$mode" = apply ] && [ -n "$INSTALL$REMOVE" ] || return 0
  [ -z "$token" ] || emit phase packages
  if [ -n "$INSTALL" ] && [ "$refreshed" = no ] && lists_needed; then
    refreshed=yes
    refresh
  fi
  if [ -n "$REMOVE" ]; then
    COLLATERAL=
    collateral
    spare_wanted
  fi
  packages_changed=yes
  run_transaction "$work/packages.log" || retry_transaction
  each_wish forget_wish
  query $package_names
}

# What the profile wants is not removed along with what it does not want.
spare_wanted() {
  for one in $COLLATERAL; do
    index_of "$one"
    [ -n "$INDEX" ] || continue
    eval "wish=\\$wish_$INDEX"
    [ "$wish" != absent ] || continue
    spared=$one
    REMOVE=
  done
}

note_wish() {
  eval "wish_$1=\\$3"
}

retry_transaction() {
  if [ -n "$INSTALL" ] && [ "$refreshed" = no ]; then
    refreshed=yes
    refresh
    run_transaction "$work/packages.log" && return
  fi
  set -- $INSTALL -- $REMOVE
  [ $# -gt 2 ] || return 0
  all_install=$INSTALL
  all_remove=$REMOVE
  REMOVE=
  for INSTALL in $all_install; do
    run_transaction "$work/single.log" || cat "$work/single.log" >>"$work/packages.log"
  done
  INSTALL=
  for REMOVE in $all_remove; do
    run_transaction "$work/single.log" || cat "$work/single.log" >>"$work/packages.log"
  done
}

report_wishes() {
  each_wish report_wish
}

# report_wish ID NAME STATE VERSION HELD
report_wish() {
  begin "$1" "package $2" $package_needs || return 0
  eval "version=\\$before_$1 held=\\$before_held_$1 newest=\\\${candidate_$1-}"
  case $3 in
    absent) [ -z "$version" ] || differs installed no "$version" ;;
    present)
      if [ -z "$version" ]; then
        differs installed "\${4:-yes}" no
      else
        [ -z "$4" ] || version_fits "$version" "$4" || differs version "$4" "$version"
      fi
      ;;
    latest)
      if [ -z "$version" ]; then
        differs installed "\${newest:-yes}" no
      else
        [ -z "$newest" ] || [ "$newest" = "$version" ] || differs version "$newest" "$version"
      fi
      ;;
  esac
  if [ "$3" != absent ] && [ -n "$5" ]; then
    [ "$5" = "$held" ] || differs held "$5" "$held"
  fi
  if changing; then
    if satisfied "$1" "$2" "$3" "$4"; then
      hold_wish "$@"
    elif [ "$3" = absent ] && [ -n "$spared" ]; then
      fail "removing it would remove $spared, which the profile wants"
    else
      why "$2"
      fail "\${WHY:-it is still not as it should be}"
    fi
  fi
  end
}

hold_wish() {
  [ "$3" != absent ] || return 0
  eval "now=\\$held_$1 was=\\$before_held_$1"
  case \${5:-$was} in
    yes) [ "$now" = yes ] || hold "$2" || fail 'it could not be held' ;;
    no) [ "$now" = no ] || unhold "$2" || fail 'it could not be released' ;;
  esac
}
`;
