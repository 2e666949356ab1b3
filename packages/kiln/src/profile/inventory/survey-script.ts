import { shellQuote } from '../../guests/shell-quote.ts';
import { people, sharedFolders } from './home-folders.ts';
import {
  databaseFiles,
  type HomePlace,
  type Place,
  packageDigests,
  type Search,
  type SurveyQuery,
  surveyLimits,
} from './survey.ts';

/** First line of what the scripts print, before their encoded stream. */
export const surveyHeader = 'kiln-survey-1';

/**
 * A POSIX sh script that looks at the system it runs in and prints a survey, as survey-stream.ts reads it. It needs
 * find, stat, grep, and one of base64 and od, as coreutils or busybox have them, and changes nothing. With tar it is
 * faster.
 */
export function surveyScript(query: SurveyQuery): string {
  return script([
    'begin',
    ...groupCommands(query.places),
    ...homeCommands(query),
    ...sendCommands(query.files, '$home_files'),
    ...query.searches.map(searchCommand),
    'running',
  ]);
}

/** A script that prints the contents of files, in the same form. */
export function readScript(paths: readonly string[], limit: number): string {
  return script([`content_limit=${limit}`, ...sendCommands(paths, '')]);
}

/** The command line for a script: as root where the login may become that without being asked anything. */
export function asRootCommand(text: string): string {
  const choose = `if [ "$(id -u)" != 0 ] && sudo -n true 2>/dev/null </dev/null; then exec sudo -n sh -c "$0"; else exec sh -c "$0"; fi`;
  return `sh -c ${shellQuote(choose)} ${shellQuote(text)}`;
}

function script(commands: readonly string[]): string {
  return `${prelude}
main() {
${commands.join('\n')}
printf 'END\\000'
}
echo "${surveyHeader} $packing $coding"
main 2>/dev/null | pack | code
`;
}

/** Places that are looked at in the same way go together: every program that is started takes its time. */
function groupCommands(places: readonly Place[]): string[] {
  const groups = Map.groupBy(places, ({ depth = deepest, digests }) => `${depth} ${digests ? 1 : 0}`);
  return [...groups].map(
    ([how, group]) => `group ${how} ${group.map(({ path }) => shellQuote(path)).join(' ')}`,
  );
}

const deepest = 99;

/** All contents at once; of each folder it has to be known first that no link leads there. */
function sendCommands(patterns: readonly string[], more: string): string[] {
  const folders = Map.groupBy(patterns, folderOf);
  const add = ([folder, own]: [string, string[]]) =>
    `! real ${shellQuote(folder)} || set -- "$@" ${own.map(globWord).join(' ')}`;
  return ['set --', ...[...folders].map(add), `send "$@" ${more}`.trim()];
}

/** The same homes as home-folders.ts finds. */
function homeCommands({ homes, homeFiles }: SurveyQuery): string[] {
  const place = ({ path, depth = deepest, prefix, digests }: HomePlace) => {
    const folder = path === '' ? '"$home"' : `"$home"/${shellQuote(path)}`;
    const how = `${depth} ${digests ? 1 : 0} ${folder}`;
    return prefix === undefined ? `group ${how}` : `prefixed ${how} ${shellQuote(prefix)}`;
  };
  return [
    'home_places() {',
    'if [ "$1" = 1 ]; then',
    ':',
    ...homes.filter((one) => one.whose === 'people').map(place),
    'fi',
    ...homes.filter((one) => one.whose === 'all').map(place),
    ...homeFiles.map((path) => {
      // No home has a sign in its name that means something to the shell.
      const file = `$home/${shellQuote(path)}`;
      return `! real "$home"/${shellQuote(folderOf(path))} || home_files="$home_files ${file}"`;
    }),
    '}',
    'home_files=',
    'homes',
  ];
}

function searchCommand({ name, folder, suffixes, pattern, except, whole }: Search): string {
  const names = suffixes.map((suffix) => `-name ${shellQuote(`*${suffix}`)}`).join(' -o ');
  const files = `find ${shellQuote(folder)} -maxdepth 1 -type f \\( ${names} \\)`;
  const grep = (options: string) => `${files} -exec grep ${options} -- ${shellQuote(pattern)} {} +`;
  const filter = except === undefined ? '' : ` | grep -vE -- ${shellQuote(except)}`;
  const lines = whole ? `${grep('-lE')} | while read -r one; do grep -H '' "$one"; done` : grep('-HE');
  return [
    `if real ${shellQuote(folder)}; then`,
    `printf 'M\\000%s\\000' ${shellQuote(name)}`,
    `${lines}${filter} | tr -d '\\000'`,
    `printf '\\000'`,
    'fi',
  ].join('\n');
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** A path for the shell in which only `*` is more than itself. */
function globWord(pattern: string): string {
  return pattern
    .split('*')
    .map((piece) => (piece === '' ? '' : shellQuote(piece)))
    .join('*');
}

const databaseTests = databaseFiles
  .map(([database, paths]) => {
    const there = paths.map((path) => `[ -f ${path} ]`).join(' || ');
    return `if ${there}; then package_digest=${packageDigests[database]}sum; return; fi`;
  })
  .join('\n');

const unshared = sharedFolders.map((folder) => `${folder}/*`).join(' | ');

/*
 * Records are fields that end with a NUL byte, the first of which says what the others are. Names with line breaks are
 * only counted: programs that print a name a line make two of them.
 */
const prelude = `LC_ALL=C; export LC_ALL; unset LS_COLORS TZ
PATH="$PATH:/usr/sbin:/usr/bin:/sbin:/bin"
nl='
'
content_limit=${surveyLimits.content}
if command -v gzip >/dev/null 2>&1; then packing=gzip; pack() { gzip -1 -c; }; else packing=plain; pack() { cat; }; fi
if command -v base64 >/dev/null 2>&1; then coding=base64; code() { base64; }; KILN_CODE=base64
else coding=hex; code() { od -An -v -tx1; }; KILN_CODE='od -An -v -tx1'; fi
export KILN_CODE
# True for a folder that no link leads through.
real() {
  part=$1
  while [ -n "$part" ] && [ "$part" != / ]; do
    [ ! -L "$part" ] || return 1
    part=\${part%/*}
  done
  [ -d "$1" ]
}
choose_digest() {
${databaseTests}
package_digest=
}
begin() {
  choose_digest
  printf 'U\\000%s\\000' "$(id -u)"
  if find / -maxdepth 0 -printf '' >/dev/null 2>&1; then can_print=1; else can_print=; fi
}
# group DEPTH DIGESTS FOLDER...
group() {
  depth=$1 digests=$2
  shift 2
  for folder; do
    shift
    ! real "$folder" || set -- "$@" "$folder"
  done
  [ $# -gt 0 ] || return 0
  if ! too_many "$@" -xdev -maxdepth "$depth" -name "*$nl*" -prune -o -path '*'; then
    odd_names "$@" -xdev -maxdepth "$depth"
    found "$digests" "$@" -xdev -maxdepth "$depth" -name "*$nl*" -prune -o -path '*'
  elif [ $# -gt 1 ]; then
    for folder; do group "$depth" "$digests" "$folder"; done
  else
    printf 'B\\000%s\\000' "$1"
    list "$1" -xdev -maxdepth 2 -name "*$nl*" -prune -o -path '*'
  fi
}
# prefixed DEPTH DIGESTS FOLDER PREFIX
prefixed() {
  real "$3" || return 0
  odd_names "$3" -xdev -maxdepth "$1"
  found "$2" "$3" -xdev -maxdepth "$1" -name "*$nl*" -prune -o \\( -path "$3" -o -path "$3/$4*" \\)
}
too_many() {
  [ "$(find "$@" -print | head -n ${surveyLimits.entries + 1} | wc -l)" -gt ${surveyLimits.entries} ]
}
odd_names() {
  find "$@" -name "*$nl*" -prune -exec sh -c 'for one; do printf "N\\000"; done' sh {} +
}
# found DIGESTS ARGUMENTS-OF-FIND...
found() {
  digests=$1
  shift
  list "$@"
  [ "$digests" = 1 ] || return 0
  for program in sha256sum $package_digest; do
    printf 'D\\000%s\\000' "$program"
    find "$@" -type f -size -${surveyLimits.digest + 1}c -exec "$program" {} + | tr -d '\\000'
    printf '\\000'
    [ "$package_digest" != sha256sum ] || break
  done
}
list() {
  if [ -n "$can_print" ]; then
    find "$@" -printf 'E\\0%y\\0%m\\0%U\\0%G\\0%s\\0%l\\0%p\\0'
  else
    printf 'S\\000'
    find "$@" -exec stat -c '%f %u %g %s %n' {} + | tr -d '\\000'
    printf '\\000'
    find "$@" -type l -exec sh -c 'for one; do printf "L\\000%s\\000%s\\000" "$one" "$(readlink "$one")"; done' sh {} +
  fi
}
homes() {
  [ -f /etc/passwd ] || return 0
  while IFS=: read -r name password uid gid comment home shell; do
    case $home in /*) ;; *) continue ;; esac
    case $home in *[!A-Za-z0-9_/.@+-]* | */./* | */../* | */. | */.. | *//* | */) continue ;; esac
    case $home/ in ${unshared}) continue ;; esac
    case $uid in '' | *[!0-9]*) continue ;; esac
    person=0
    if [ "$uid" -eq 0 ] || { [ "$uid" -ge ${people.first} ] && [ "$uid" -le ${people.last} ]; }; then person=1; fi
    home_places "$person"
  done </etc/passwd
}
# send PATH...
send() {
  [ $# -gt 0 ] || return 0
  # Not every tar of busybox can make archives.
  if tar -cf - /dev/null >/dev/null; then
    printf 'T\\000'
    find "$@" -maxdepth 0 -type f -size "-$((content_limit + 1))c" -exec tar -cf - {} + | code
    printf '\\000'
  else
    find "$@" -maxdepth 0 -type f -size "-$((content_limit + 1))c" -exec sh -c 'for one; do printf "C\\000%s\\000" "$one"; $KILN_CODE "$one"; printf "\\000"; done' sh {} +
  fi
}
running() {
  printf 'R\\000%s\\000' "$(uname -r)"
  [ -d /run/systemd/system ] || return 0
  printf 'A\\000'
  systemctl list-units --all --state=active --plain --no-legend --no-pager | tr -d '\\000'
  printf '\\000'
}`;
