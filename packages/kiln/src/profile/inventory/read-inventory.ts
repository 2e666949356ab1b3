import { readAccounts } from './accounts.ts';
import { readFiles } from './file-states.ts';
import { homePlaces } from './home-folders.ts';
import type { Inventory, InventoryOs } from './inventory.ts';
import { readPackages } from './package-databases.ts';
import { readPackageScripts } from './package-scripts.ts';
import { readSettings } from './settings.ts';
import type { ExaminedSystem, Survey } from './survey.ts';
import { inventoryQuery } from './survey-query.ts';
import { assignments, textOf } from './text-lines.ts';
import { readUnits } from './units.ts';

/** Looks at a system and says what it is made of. @throws KilnError as `ExaminedSystem.survey` does */
export async function readInventory(system: ExaminedSystem, signal?: AbortSignal): Promise<Inventory> {
  return inventoryOf(await system.survey(inventoryQuery, signal), system.description);
}

/** What a system is made of, by a survey with `inventoryQuery`. */
export async function inventoryOf(survey: Survey, description: string): Promise<Inventory> {
  const scripts = readPackageScripts(survey);
  const knowledge = await readPackages(survey);
  const { users, groups } = readAccounts(survey, scripts);
  const homes = homePlaces(textOf(survey, '/etc/passwd') ?? '', inventoryQuery.homes).map(
    (place) => place.path,
  );
  const files = readFiles({ survey, scripts, packaged: knowledge.files }, homes);
  const problem = survey.contents.has('/etc/passwd')
    ? []
    : ['it has no /etc/passwd that could be read: nothing is known of its users'];
  return {
    description,
    os: readOs(survey),
    ...(knowledge.architecture === undefined ? {} : { architecture: knowledge.architecture }),
    database: survey.database,
    packages: knowledge.packages,
    repositories: knowledge.repositories,
    users,
    groups,
    units: readUnits(survey, files),
    files,
    settings: readSettings(survey, files),
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
