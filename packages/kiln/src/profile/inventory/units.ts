import type { InventoryFile, InventoryUnit } from './inventory.ts';
import type { Survey, SurveyEntry } from './survey.ts';
import { searchNames, unitFolders } from './survey-query.ts';
import { filesIn, plainLines, textOf } from './text-lines.ts';

const ownFolder = '/etc/systemd/system';
const helperFolder = '/var/lib/systemd/deb-systemd-helper-enabled';
/** Links that say which target is for what; they enable nothing. */
const targetLinks: ReadonlySet<string> = new Set(['default.target', 'ctrl-alt-del.target']);
const unitName = /^[\w@.:\\-]+\.(?:service|socket|timer|target|path|mount|automount|swap|slice)$/;

/**
 * Units that are enabled, masked, or not a package's, and those that their packages would have enabled: what
 * `systemctl is-enabled` would say, from links alone (systemd.unit(5)). What packages enabled is in the records of
 * deb-systemd-helper(1p); elsewhere it follows from systemd.preset(5).
 */
export function readUnits(survey: Survey, files: readonly InventoryFile[]): InventoryUnit[] {
  const links = linksOf(survey);
  const defaults = enabledByPackages(survey);
  const presets = survey.database === 'dpkg' ? undefined : readPresets(survey);
  const active = survey.running?.activeUnits && new Set(survey.running.activeUnits);
  const own = ownUnitFiles(files);
  const names = new Set([
    ...links.enabled,
    ...links.masked,
    ...defaults,
    ...own.units.keys(),
    ...own.dropIns.keys(),
  ]);
  if (presets) for (const name of packagedUnits(survey)) names.add(name);
  const units = [...names].sort().map((name): InventoryUnit => {
    const packaged = isPackaged(survey, name);
    const byPackage = presets && packaged ? presets(name) : defaults.has(name) ? true : undefined;
    const ownFile = own.units.get(name);
    return {
      name,
      enabled: links.enabled.has(name),
      masked: links.masked.has(name),
      enabledByPackage: byPackage,
      ...(ownFile === undefined ? {} : { ownFile }),
      dropIns: own.dropIns.get(name) ?? [],
      ...(active === undefined ? {} : { active: active.has(name) }),
    };
  });
  // With presets every unit has a default; those that are what it says have nothing to tell.
  return units.filter((unit) => !presets || isTold(unit));
}

function isTold({ enabled, masked, enabledByPackage, ownFile, dropIns }: InventoryUnit): boolean {
  return enabled || masked || ownFile !== undefined || dropIns.length > 0 || enabledByPackage === true;
}

/** Whether a path is a link by which a unit is enabled or masked: the units tell of it. */
export function isUnitLink(entry: SurveyEntry): boolean {
  if (entry.kind !== 'symlink' || !entry.path.startsWith(`${ownFolder}/`)) return false;
  const rest = entry.path.slice(ownFolder.length + 1);
  const name = rest.slice(rest.lastIndexOf('/') + 1);
  return (
    unitName.test(name) &&
    !targetLinks.has(rest) &&
    /^(?:[^/]+\.(?:wants|requires|upholds)\/)?[^/]+$/.test(rest)
  );
}

function linksOf(survey: Survey): {
  readonly enabled: ReadonlySet<string>;
  readonly masked: ReadonlySet<string>;
} {
  const enabled = new Set<string>();
  const masked = new Set<string>();
  for (const entry of survey.entries.values()) {
    if (!isUnitLink(entry)) continue;
    const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
    const target = entry.target ?? '';
    if (target === '/dev/null') masked.add(name);
    // In a folder of another unit the link's name counts; elsewhere it is an alias of the unit that it leads to.
    else if (/\.(?:wants|requires|upholds)\//.test(entry.path)) enabled.add(name);
    else if (isPackagedTarget(target)) enabled.add(target.slice(target.lastIndexOf('/') + 1));
  }
  return { enabled, masked };
}

function isPackagedTarget(target: string): boolean {
  return (
    /(?:^|\/)(?:usr\/)?lib\/systemd\/system\/[^/]+$/.test(target) ||
    /^[^/]+$/.test(target) ||
    target.startsWith(`${ownFolder}/`)
  );
}

/**
 * The helper keeps an empty file for each link that it has made, below the folder of its records, and for each unit the
 * links that belong to it in `<unit>.dsh-also`.
 */
function enabledByPackages(survey: Survey): Set<string> {
  const made = new Set<string>();
  const found = new Set<string>();
  for (const path of survey.entries.keys()) {
    if (path.startsWith(`${helperFolder}/`) && !path.endsWith('.dsh-also'))
      made.add(path.slice(helperFolder.length));
  }
  for (const path of filesIn(survey, helperFolder, '.dsh-also')) {
    const name = path.slice(helperFolder.length + 1, -'.dsh-also'.length);
    const links = plainLines(textOf(survey, path)).map((line) => line.replace(ownFolder, ''));
    if (unitName.test(name) && links.some((link) => made.has(link))) found.add(name);
  }
  for (const { line } of survey.matches.get(searchNames.units) ?? []) {
    const words = line.split(/\benable\b/)[1]?.split(/[\s"';|&>]+/) ?? [];
    const name = words.find((word) => /^[\w@][\w@.\\-]*$/.test(word));
    if (name !== undefined) found.add(unitName.test(name) ? name : `${name}.service`);
  }
  return found;
}

/** Units of which the own file, or a drop-in, is not a package's. */
function ownUnitFiles(files: readonly InventoryFile[]): {
  readonly units: ReadonlyMap<string, string>;
  readonly dropIns: ReadonlyMap<string, string[]>;
} {
  const units = new Map<string, string>();
  const dropIns = new Map<string, string[]>();
  for (const { path, kind, state } of files) {
    if (!path.startsWith(`${ownFolder}/`) || kind !== 'file' || (state !== 'own' && state !== 'changed'))
      continue;
    const [first, second, ...more] = path.slice(ownFolder.length + 1).split('/') as [string, ...string[]];
    if (second === undefined && unitName.test(first)) units.set(first, path);
    const unit = first.replace(/\.d$/, '');
    if (second?.endsWith('.conf') && more.length === 0 && first.endsWith('.d') && unitName.test(unit)) {
      const known = dropIns.get(unit);
      if (known) known.push(path);
      else dropIns.set(unit, [path]);
    }
  }
  return { units, dropIns };
}

/** Names of the units of packages, sorted, without templates. */
export function packagedUnits(survey: Survey): string[] {
  return unitFolders
    .filter((folder) => folder.endsWith('/system'))
    .flatMap((folder) =>
      [...survey.entries.keys()]
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1)),
    )
    .filter((name) => unitName.test(name) && !name.includes('@.'))
    .sort();
}

/** An instance of a template (`name@instance.service`) is a package's when the template is. */
function isPackaged(survey: Survey, name: string): boolean {
  const template = name.replace(/@[^.]*\./, '@.');
  return unitFolders.some(
    (folder) => survey.entries.has(`${folder}/${name}`) || survey.entries.has(`${folder}/${template}`),
  );
}

/** systemd.preset(5): files in the order of their names; the first line that fits counts. */
function readPresets(survey: Survey): (unit: string) => boolean {
  const folder = '/usr/lib/systemd/system-preset';
  const rules = filesIn(survey, folder, '.preset').flatMap((path) =>
    plainLines(textOf(survey, path), '#;').flatMap((line) => {
      const [action, pattern] = line.split(/\s+/);
      if (pattern === undefined || (action !== 'enable' && action !== 'disable')) return [];
      return [{ enable: action === 'enable', pattern: globPattern(pattern) }];
    }),
  );
  return (unit) => rules.find((rule) => rule.pattern.test(unit))?.enable ?? false;
}

function globPattern(pattern: string): RegExp {
  const text = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${text}$`);
}
