import { readAccounts } from './accounts.ts';
import { readFiles } from './file-states.ts';
import { homePlaces } from './home-folders.ts';
import type { Inventory, InventoryOs, InventoryUser } from './inventory.ts';
import { kilnSystem } from './kiln-system.ts';
import { readPackages } from './package-databases.ts';
import { readPackageScripts } from './package-scripts.ts';
import { SettingFiles } from './setting-files.ts';
import { readSettings } from './settings.ts';
import { readSudoRules } from './sudo-rules.ts';
import type { ExaminedSystem, Survey } from './survey.ts';
import { inventoryQuery } from './survey-query.ts';
import { assignments, textOf } from './text-lines.ts';
import { packagedUnits, readUnits } from './units.ts';

/** Looks at a system and says what it is made of. @throws KilnError as `ExaminedSystem.survey` does */
export async function readInventory(system: ExaminedSystem, signal?: AbortSignal): Promise<Inventory> {
  return inventoryOf(await system.survey(inventoryQuery, signal), system.description);
}

/** What a system is made of, by a survey with `inventoryQuery`. */
export async function inventoryOf(survey: Survey, description: string): Promise<Inventory> {
  const scripts = readPackageScripts(survey);
  const knowledge = await readPackages(survey);
  const os = readOs(survey);
  const kiln = kilnSystem(os, survey.entries);
  const { users, groups } = readAccounts(survey, scripts, kiln?.user);
  const homes = homePlaces(textOf(survey, '/etc/passwd') ?? '', inventoryQuery.homes).map(
    (place) => place.path,
  );
  const files = readFiles({ survey, scripts, packaged: knowledge.files, homes: homesOf(users), kiln }, homes);
  const sources = new SettingFiles(survey, files);
  const sudo = readSudoRules(sources, new Set(users.map((user) => user.name)));
  const problem = survey.contents.has('/etc/passwd')
    ? []
    : ['it has no /etc/passwd that could be read: nothing is known of its users'];
  return {
    description,
    os,
    ...(knowledge.architecture === undefined ? {} : { architecture: knowledge.architecture }),
    database: survey.database,
    installedByKiln: kiln !== undefined,
    packages: knowledge.packages,
    repositories: knowledge.repositories,
    users: users.map((user) => ({ ...user, sudo: sudo.get(user.name) ?? [] })),
    groups,
    units: readUnits(survey, files).filter((unit) => !kiln || unit.name !== kiln.unit),
    unitFiles: packagedUnits(survey),
    files,
    settings: readSettings(survey, sources),
    ...(survey.running === undefined ? {} : { running: survey.running }),
    gaps: [...survey.gaps, ...knowledge.gaps, ...problem],
  };
}

function readOs(survey: Survey): InventoryOs {
  const values = assignments(textOf(survey, '/etc/os-release') ?? textOf(survey, '/usr/lib/os-release'));
  const id = values.get('ID') ?? 'linux';
  const [version, codename] = [values.get('VERSION_ID'), values.get('VERSION_CODENAME')];
  return {
    id,
    ...(version && { version }),
    ...(codename && { codename }),
    name: values.get('PRETTY_NAME') ?? id,
  };
}

/** Of users that share a home, the first one owns it. */
function homesOf(users: readonly InventoryUser[]): Map<string, number> {
  return new Map(users.toReversed().map((user) => [user.home, user.uid]));
}
