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
 * find, stat, grep, and one of base64 and od, as coreutils or busybox have them, and changes nothing.
 */
export function surveyScript(query: SurveyQuery): string {
  return script([
    'begin',
    ...query.places.map((place) => placeCommand(shellQuote(place.path), place)),
    ...homeCommands(query),
    ...query.files.map((pattern) => `contents ${shellQuote(folderOf(pattern))} ${globWord(pattern)}`),
    ...query.searches.map(searchCommand),
    'running',
  ]);
}

/** A script that prints the contents of files, in the same form. */
export function readScript(paths: readonly string[], limit: number): string {
  return script([
    `content_limit=${limit}`,
    ...paths.map((path) => `contents ${shellQuote(folderOf(path))} ${shellQuote(path)}`),
  ]);
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

function placeCommand(folder: string, { depth = 99, prefix, digests }: Place): string {
  const taken =
    prefix === undefined
      ? "-path '*'"
      : `\\( -path ${folder} -o -path ${folder}/${shellQuote(prefix)}'*' \\)`;
  return `place ${folder} ${depth} ${digests ? 1 : 0} -name "*$nl*" -prune -o ${taken}`;
}

/** The same homes as home-folders.ts finds. */
function homeCommands({ homes, homeFiles }: SurveyQuery): string[] {
  const place = ({ path, ...rest }: HomePlace) =>
    placeCommand(path === '' ? '"$home"' : `"$home"/${shellQuote(path)}`, { path, ...rest });
  return [
    'home_places() {',
    'if [ "$1" = 1 ]; then',
    ':',
    ...homes.filter((one) => one.whose === 'people').map(place),
    'fi',
    ...homes.filter((one) => one.whose === 'all').map(place),
    ...homeFiles.map((path) => `contents "$home"/${shellQuote(folderOf(path))} "$home"/${shellQuote(path)}`),
    '}',
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
# place FOLDER DEPTH DIGESTS EXPRESSION...
place() {
  folder=$1 depth=$2 digests=$3
  shift 3
  real "$folder" || return 0
  count=$(find "$folder" -xdev -maxdepth "$depth" "$@" -print | head -n ${surveyLimits.entries + 1} | wc -l)
  if [ "$count" -gt ${surveyLimits.entries} ]; then
    printf 'B\\000%s\\000' "$folder"
    list "$folder" -xdev -maxdepth 2 -name "*$nl*" -prune -o -path '*'
    return 0
  fi
  find "$folder" -xdev -maxdepth "$depth" -name "*$nl*" -prune -exec sh -c 'for one; do printf "N\\000"; done' sh {} +
  list "$folder" -xdev -maxdepth "$depth" "$@"
  [ "$digests" = 1 ] || return 0
  for program in sha256sum $package_digest; do
    printf 'D\\000%s\\000' "$program"
    find "$folder" -xdev -maxdepth "$depth" "$@" -type f -size -${surveyLimits.digest + 1}c -exec "$program" {} + | tr -d '\\000'
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
# contents FOLDER PATH...
contents() {
  real "$1" || return 0
  shift
  find "$@" -maxdepth 0 -type f -size "-$((content_limit + 1))c" -exec sh -c 'for one; do printf "C\\000%s\\000" "$one"; $KILN_CODE "$one"; printf "\\000"; done' sh {} +
}
running() {
  printf 'R\\000%s\\000' "$(uname -r)"
  [ -d /run/systemd/system ] || return 0
  printf 'A\\000'
  systemctl list-units --all --state=active --plain --no-legend --no-pager | tr -d '\\000'
  printf '\\000'
}`;
