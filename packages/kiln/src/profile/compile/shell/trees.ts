/**
 * The content of a folder. What is there is listed with a few programs for all files at once; only what differs is
 * written, all files of one folder together.
 */
export const treeLibrary = `
# tree PATH TREE CONTENTS MODES OWNER GROUP EXACT: TREE is a folder of the payload. CONTENTS and MODES are the numbers of
# contents with a line for each file: "DIGEST  ./name", "directory ./name" or "link ./name -> target"; "mode 644 ./name".
tree() {
  tree_path=$1
  tree_from=$payload/$2
  wanted=$work/tree-wanted
  actual=$work/tree-actual
  "content_$3" >"$wanted"
  "content_$4" >"$wanted-modes"
  # Not every grep knows what to do with no patterns at all.
  echo - >"$actual"
  echo - >"$actual-modes"
  : >"$work/tree-owners"
  : >"$work/tree-names"
  if [ -d "$1" ]; then
    enter "$1" || return
    {
      find . -mindepth 1 -type d | while IFS= read -r line; do printf 'directory %s\\n' "$line"; done
      find . -type f -exec sha256sum {} +
      find . -type l | while IFS= read -r line; do printf 'link %s -> %s\\n' "$line" "$(readlink "$line")"; done
    } >>"$actual"
    find . -mindepth 1 ! -type l -exec stat -c 'mode %a %n' {} + >>"$actual-modes"
    find . -mindepth 1 >"$work/tree-names"
    if [ -n "$5" ]; then find . -mindepth 1 ! -user "$5" >>"$work/tree-owners" 2>/dev/null; fi
    if [ -n "$6" ]; then find . -mindepth 1 ! -group "$6" >>"$work/tree-owners" 2>/dev/null; fi
  fi
  grep -vxF -f "$actual" "$wanted" >"$work/tree-new"
  grep -vxF -f "$actual-modes" "$wanted-modes" >"$work/tree-modes"
  tree_names "$wanted" >"$work/tree-all"
  echo - >>"$work/tree-all"
  : >"$work/tree-extra"
  if [ "$7" = yes ]; then grep -vxF -f "$work/tree-all" "$work/tree-names" >"$work/tree-extra"; fi
  tree_told=0
  while IFS= read -r line; do
    tell_tree "$line"
  done <"$work/tree-new"
  while IFS= read -r line; do
    rest=\${line#mode }
    name=\${rest#* }
    grep -qxF "$name" "$work/tree-names" || continue
    tell_difference "mode of \${name#./}" "\${rest%% *}" another
  done <"$work/tree-modes"
  sort -u "$work/tree-owners" | grep -xF -f "$work/tree-all" >"$work/tree-owned"
  while IFS= read -r name; do
    tell_difference "owner of \${name#./}" "$5\${6:+:$6}" another
  done <"$work/tree-owned"
  while IFS= read -r name; do
    tell_difference "\${name#./}" absent there
  done <"$work/tree-extra"
  [ "$tree_told" -le 20 ] || differs 'and more' "$((tree_told - 20))" ''
  changing || return 0
  tree_away && tree_write "$5" "$6" && tree_modes && tree_owners "$5" "$6"
}

tree_names() {
  while IFS= read -r line; do
    case $line in
      'directory '*) printf '%s\\n' "\${line#directory }" ;;
      'link '*)
        line=\${line#link }
        printf '%s\\n' "\${line%% -> *}"
        ;;
      *) printf '%s\\n' "\${line#*  }" ;;
    esac
  done <"$1"
}

tell_difference() {
  tree_told=$((tree_told + 1))
  [ "$tree_told" -gt 20 ] || differs "$@"
  dirty=yes
}

tell_tree() {
  case $1 in
    'directory '*)
      name=\${1#directory }
      what=folder
      ;;
    'link '*)
      name=\${1#link }
      what="link to \${name#* -> }"
      name=\${name%% -> *}
      ;;
    *)
      name=\${1#*  }
      what="sha256:\${1%%  *}"
      ;;
  esac
  if grep -qxF "$name" "$work/tree-names"; then
    tell_difference "\${name#./}" "$what" 'something else'
  else
    tell_difference "\${name#./}" "$what" missing
  fi
}

# What is not wanted goes first: it may be in the way. So does a file where a folder is to be, and the like.
tree_away() {
  while IFS= read -r name; do
    folder=\${name%/*}
    [ -d "$tree_path/$folder" ] || continue
    enter "$tree_path\${folder#.}" && try rm -rf "./\${name##*/}" || return
  done <"$work/tree-extra"
  while IFS= read -r line; do
    case $line in
      'directory '*)
        name=\${line#directory ./}
        look "$tree_path/$name" || return
        case $KIND in missing | directory) ;; *) try rm -f "$NAME" || return ;; esac
        ;;
    esac
  done <"$work/tree-new"
}

tree_write() {
  make_folders "$tree_path" || return
  tree_owner=\${1:-0}
  tree_group=\${2:-0}
  folder_now=
  set --
  while IFS= read -r line; do
    case $line in
      'directory '*)
        name=\${line#directory ./}
        make_folders "$tree_path/$name" && enter "$tree_path/$name" && own . "$tree_owner" "$tree_group" '' || return
        ;;
      'link '*)
        line=\${line#link ./}
        look "$tree_path/\${line%% -> *}" || return
        [ "$KIND" != directory ] || try rm -rf "$NAME" || return
        put_link "$tree_path/\${line%% -> *}" "\${line#* -> }" "$tree_owner" "$tree_group" || return
        ;;
      *)
        name=\${line#*  ./}
        folder_next=
        case $name in */*) folder_next=/\${name%/*} ;; esac
        if [ "$folder_next" != "$folder_now" ] || [ $# -gt 200 ]; then
          tree_files "$folder_now" "$@" || return
          folder_now=$folder_next
          set --
        fi
        set -- "$@" "\${name##*/}"
        ;;
    esac
  done <"$work/tree-new"
  tree_files "$folder_now" "$@"
}

# tree_files FOLDER NAME...: copies files of one folder
tree_files() {
  into=$tree_path$1
  from=$tree_from$1
  shift
  [ $# -gt 0 ] || return 0
  make_folders "$into" && enter "$into" && stage || return
  for copied; do
    shift
    [ ! -d "../$copied" ] || [ -L "../$copied" ] || rm -rf "../$copied"
    set -- "$@" "./$copied"
  done
  (
    cd "$from" && cp "$@" "$staged"
  ) && chmod 644 "$@" && chown "$tree_owner:$tree_group" "$@" && mv -f "$@" .. || fail "files in $into could not be written"
  code=$?
  unstage
  return "$code"
}

# Modes of files are those of the payload's until here.
tree_modes() {
  enter "$tree_path" || return
  echo - >"$actual-modes"
  find . -mindepth 1 ! -type l -exec stat -c 'mode %a %n' {} + >>"$actual-modes"
  grep -vxF -f "$actual-modes" "$wanted-modes" >"$work/tree-modes"
  while IFS= read -r line; do
    rest=\${line#mode }
    name=\${rest#* ./}
    look "$tree_path/$name" || return
    case $KIND in
      directory) enter "$tree_path/$name" && own . '' '' "\${rest%% *}" || return ;;
      file) set_attributes "$tree_path/$name" "\${rest%% *}" '' '' || return ;;
    esac
  done <"$work/tree-modes"
}

tree_owners() {
  while IFS= read -r name; do
    name=\${name#./}
    look "$tree_path/$name" || return
    case $KIND in
      directory) enter "$tree_path/$name" && own . "$1" "$2" '' || return ;;
      file) set_attributes "$tree_path/$name" "$MODE" "$1" "$2" || return ;;
      link) try chown -h "$1\${2:+:$2}" "$NAME" || return ;;
    esac
  done <"$work/tree-owned"
}
`;
