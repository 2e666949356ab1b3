import type { KilnSystem } from './kiln-system.ts';
import type { PackageScripts } from './package-scripts.ts';
import type { PackagedFiles } from './packaged-files.ts';
import type { Survey, SurveyEntry } from './survey.ts';
import { plainLines, textOf } from './text-lines.ts';

/** What is asked of a file that no package owns: has a package, or the system, made it? */
export interface FileMakers {
  readonly survey: Survey;
  readonly scripts: PackageScripts;
  readonly packaged: PackagedFiles;
  /** Numbers of users by their home folders. */
  readonly homes: ReadonlyMap<string, number>;
  /** For a system that Kiln has installed. */
  readonly kiln: KilnSystem | undefined;
}

/** Whether a file of nobody's was made by a package's script or by the system, and would be made again. */
export function isGenerated(entry: SurveyEntry, makers: FileMakers): boolean {
  return generators.some((generator) => generator(entry, makers));
}

type Generator = (entry: SurveyEntry, makers: FileMakers) => boolean;

/** Files of accounts, units and settings, which an inventory has in other places than among its files. */
const toldElsewhere = [
  /^\/etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)$/,
  /^\/etc\/(?:localtime|timezone|hostname|hosts|environment|locale\.conf|locale\.gen|vconsole\.conf)$/,
  /^\/etc\/default\/(?:locale|keyboard)$/,
  /^\/etc\/(?:fstab|crypttab|resolv\.conf)$/,
  /^\/etc\/apt\/sources\.list$/,
  /^\/etc\/systemd\/(?:system|user)\/[^/]+\.(?:wants|requires|upholds)$/,
];

/** Whatever they hold, programs write them. */
const written = [
  /^\/etc\/(?:ld\.so\.cache|mtab|adjtime|\.updated|shells|mailcap|dpkg\/origins\/default)$/,
  /^\/etc\/rc[0-6S]\.d(?:\/|$)/,
  /^\/etc\/init\.d\/\.depend\.[a-z]+$/,
  /^\/etc\/ssl\/certs\/(?:[0-9a-f]{8}\.\d+|ca-certificates\.crt|java(?:\/cacerts)?|ssl-cert-snakeoil\.pem)$/,
  /^\/etc\/ssl\/private\/ssl-cert-snakeoil\.key$/,
  /^\/etc\/console-setup\/cached_/,
  /^\/etc\/udev\/hwdb\.bin$/,
  /^\/etc\/lvm\/(?:archive|backup|cache)(?:\/|$)/,
  /^\/etc\/(?:group|passwd|shadow|gshadow)\.(?:org|lock|edit)$/,
  /^\/etc\/network\/run$/,
  /^\/etc\/runit\/runsvdir\/default\/[^/]+$/,
  /^\/usr\/local\/man$/,
];

const generators: readonly Generator[] = [
  (entry, { kiln }) => kiln?.owns(entry) === true,
  ({ path }) => toldElsewhere.some((pattern) => pattern.test(path)),
  ({ path }) => written.some((pattern) => pattern.test(path)),
  isAutomaticAlternative,
  isCertificateLink,
  isApacheLink,
  isPhpLink,
  isNginxModuleLink,
  isUserUnitLink,
  isCopiedByPackage,
  isSkeleton,
  isPamSelection,
  isPlainNameService,
  isPlainCertificateList,
  isWithoutContent,
  isPlainHome,
  isKeyFolder,
  isPlaceholder,
  isEmptyFolderOfPackages,
];

/** update-alternatives(1): the first line of the record says `auto` or `manual`. */
function isAutomaticAlternative({ path, kind }: SurveyEntry, { survey }: FileMakers): boolean {
  if (kind !== 'symlink' || !path.startsWith('/etc/alternatives/')) return false;
  const name = path.slice('/etc/alternatives/'.length);
  return automaticAlternatives(survey).has(name);
}

const alternativesOf = new WeakMap<Survey, ReadonlySet<string>>();

/** Names of links of automatic groups: those of the group, and of what follows it, every second line until an empty one. */
function automaticAlternatives(survey: Survey): ReadonlySet<string> {
  const known = alternativesOf.get(survey);
  if (known) return known;
  const names = new Set<string>();
  for (const [path] of survey.contents) {
    const name = /^\/var\/lib\/(?:dpkg\/)?alternatives\/(.+)$/.exec(path)?.[1];
    const lines = name === undefined ? [] : textOf(survey, path)!.split('\n');
    if (name === undefined || lines[0] !== 'auto') continue;
    names.add(name);
    for (let at = 2; at < lines.length && lines[at] !== ''; at += 2) names.add(lines[at]!);
  }
  alternativesOf.set(survey, names);
  return names;
}

/** update-ca-certificates(8) links what it was told to trust. */
function isCertificateLink({ path, kind, target }: SurveyEntry): boolean {
  if (kind !== 'symlink' || !path.startsWith('/etc/ssl/certs/')) return false;
  return /^\/usr\/(?:local\/)?share\/ca-certificates\//.test(target ?? '') || !target?.includes('/');
}

/** Apache's packages keep a note of each module, site and configuration that they have enabled. */
function isApacheLink({ path, kind }: SurveyEntry, { survey }: FileMakers): boolean {
  const match = /^\/etc\/apache2\/(mod|conf|site)s?-enabled\/(.+)\.(?:load|conf)$/.exec(path);
  if (kind !== 'symlink' || !match) return false;
  const folder = match[1] === 'mod' ? 'module' : match[1];
  return survey.entries.has(`/var/lib/apache2/${folder}/enabled_by_maint/${match[2]}`);
}

/** PHP's packages keep such notes too; a link has a number in front of the module's name. */
function isPhpLink({ path, kind }: SurveyEntry, { survey }: FileMakers): boolean {
  const match = /^\/etc\/php\/([\d.]+)\/(\w+)\/conf\.d\/\d+-([\w-]+)\.ini$/.exec(path);
  if (kind !== 'symlink' || !match) return false;
  const [, version, kindOfPhp, name] = match;
  return survey.entries.has(`/var/lib/php/modules/${version}/${kindOfPhp}/enabled_by_maint/${name}`);
}

/** Debian's modules for nginx enable themselves when they are installed. */
function isNginxModuleLink({ path, kind, target }: SurveyEntry): boolean {
  const name = /^\/etc\/nginx\/modules-enabled\/\d+-(mod-[\w-]+\.conf)$/.exec(path)?.[1];
  return kind === 'symlink' && name !== undefined && target === `/usr/share/nginx/modules-available/${name}`;
}

/** Units of users that a package's script has enabled for all of them. */
function isUserUnitLink({ path, kind }: SurveyEntry, { survey }: FileMakers): boolean {
  if (kind !== 'symlink' || !path.startsWith('/etc/systemd/user/')) return false;
  return survey.entries.has(
    `/var/lib/systemd/deb-systemd-user-helper-enabled/${path.slice('/etc/systemd/user/'.length)}`,
  );
}

/** A script names the file, and it is a link, empty, or the same as a file of a package. */
function isCopiedByPackage(
  { path, kind, size, packageDigest }: SurveyEntry,
  { scripts, packaged }: FileMakers,
): boolean {
  if (!scripts.names(path)) return false;
  if (kind === 'symlink' || kind === 'directory') return true;
  return (
    kind === 'file' && (size === 0 || (packageDigest !== undefined && packaged.templates.has(packageDigest)))
  );
}

/** What new homes get is in every home. */
function isSkeleton({ path, kind, sha256 }: SurveyEntry, { survey, packaged }: FileMakers): boolean {
  if (kind !== 'file' || sha256 === undefined) return false;
  const skeleton = survey.entries.get(`/etc/skel/${path.slice(path.lastIndexOf('/') + 1)}`);
  return skeleton?.sha256 === sha256 && !path.startsWith('/etc/') && packaged.owners.get(path) === undefined;
}

/** What pam-auth-update(8) puts together: all of its lines are in the files that packages bring for it. */
function isPamSelection({ path, kind }: SurveyEntry, { survey }: FileMakers): boolean {
  if (kind !== 'file' || !/^\/etc\/pam\.d\/common-[a-z-]+$/.test(path)) return false;
  // What it writes where no profile of the first kind is chosen.
  const known = new Set(['[default=end] pam_permit.so']);
  for (const [source] of survey.contents) {
    if (!/^\/usr\/share\/pam(?:-configs)?\//.test(source)) continue;
    for (const line of plainLines(textOf(survey, source))) known.add(pamModule(line));
  }
  const lines = plainLines(textOf(survey, path));
  return known.size > 0 && lines.length > 0 && lines.every((line) => known.has(pamModule(line)));
}

/** A line without its type, and without jumps over lines, whose numbers depend on the neighbours. */
function pamModule(line: string): string {
  return line
    .replace(/^(?:auth|account|password|session)\s+/, '')
    .replace(/\b(\w+)=(?:\d+|end)\b/g, '$1=end')
    .replace(/\s+(?:use_authtok|use_first_pass|try_first_pass)\b/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** nsswitch.conf(5) as the base system brings it, with what packages of name services add for themselves. */
function isPlainNameService({ path }: SurveyEntry, { survey }: FileMakers): boolean {
  if (path !== '/etc/nsswitch.conf') return false;
  const plain = (text: string | undefined) =>
    plainLines(text)
      .map((line) =>
        line
          .replace(/\s+(?:systemd|resolve|myhostname|mymachines|mdns\w*|\[[^\]]*\])(?=\s|$)/g, '')
          .replace(/\s+/g, ' '),
      )
      .join('\n');
  const shipped =
    textOf(survey, '/usr/share/base-files/nsswitch.conf') ??
    textOf(survey, '/usr/share/libc-bin/nsswitch.conf');
  return shipped !== undefined && plain(textOf(survey, path)) === plain(shipped);
}

/** ca-certificates.conf(5) in which nothing is switched off. */
function isPlainCertificateList({ path }: SurveyEntry, { survey }: FileMakers): boolean {
  return (
    path === '/etc/ca-certificates.conf' &&
    plainLines(textOf(survey, path)).every((line) => !line.startsWith('!'))
  );
}

/** Files that packages make with nothing but explanations in them. */
function isWithoutContent({ path }: SurveyEntry, { survey }: FileMakers): boolean {
  if (path === '/etc/networks')
    return plainLines(textOf(survey, path)).every((line) => plainNetwork.test(line));
  return explained.test(path) && survey.contents.has(path) && plainLines(textOf(survey, path)).length === 0;
}

const explained = /^\/etc\/(?:hosts\.(?:allow|deny)|modules|initramfs-tools\/modules)$/;
const plainNetwork = /^(?:default\s+0\.0\.0\.0|loopback\s+127\.0\.0\.0|link-local\s+169\.254\.0\.0)$/;

/** A user's home as it is made with the user. */
function isPlainHome({ path, kind, mode, uid }: SurveyEntry, { homes }: FileMakers): boolean {
  return kind === 'directory' && mode === 0o755 && homes.get(path) === uid;
}

/** A folder for keys by which people may log in: the users tell of those. */
function isKeyFolder({ path, kind, mode }: SurveyEntry): boolean {
  return kind === 'directory' && path.endsWith('/.ssh') && mode === 0o700;
}

/** Files and folders that packages make for others to put something in. */
function isPlaceholder({ path, kind, size }: SurveyEntry): boolean {
  return (
    kind === 'file' &&
    size === 0 &&
    (/^\/etc\/apparmor\.d\/local\//.test(path) || path === '/etc/security/opasswd')
  );
}

function isEmptyFolderOfPackages({ path, kind, mode }: SurveyEntry, { survey }: FileMakers): boolean {
  if (kind !== 'directory') return false;
  if (/^\/(?:etc|opt|srv|root|home|usr\/local)(?:\/opt)?$/.test(path) || path === '/var/spool/cron')
    return true;
  if (!path.startsWith('/usr/local/') || (mode !== 0o755 && mode !== 0o2775)) return false;
  return !foldersWithFiles(survey).has(path);
}

const foldersOf = new WeakMap<Survey, ReadonlySet<string>>();

/** Folders below which is anything but folders. */
function foldersWithFiles(survey: Survey): ReadonlySet<string> {
  const known = foldersOf.get(survey);
  if (known) return known;
  const found = new Set<string>();
  for (const { path, kind } of survey.entries.values()) {
    if (kind === 'directory') continue;
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      if (found.has(folder)) break;
      found.add(folder);
    }
  }
  foldersOf.set(survey, found);
  return found;
}
