import { readShape } from '../../base/yaml/read-shape.ts';
import type { YamlDocument } from '../../base/yaml/yaml-document.ts';
import type { LayerContext } from './layer-context.ts';
import type { ProfileLayer } from './profile-layer.ts';
import { type ProfileEntry, profileSection, profileVersion } from './profile-shape.ts';
import { readFiles } from './sections/files.ts';
import { readGroups } from './sections/groups.ts';
import { readPackages } from './sections/packages.ts';
import { readConfig } from './sections/read-config.ts';
import { readRepositories } from './sections/repositories.ts';
import { readScripts } from './sections/scripts.ts';
import { readServices } from './sections/services.ts';
import { readUsers } from './sections/users.ts';

/** What to do about what fits nowhere. */
export const generalHint = 'docs/profiles.md shows how a profile is written';

/**
 * Reads a file in the language of profiles, but for what is read separately.
 * @param isSection it stands in another file, whose version counts
 */
export function readLayer(
  node: unknown,
  yaml: YamlDocument,
  what: string,
  isSection: boolean,
  context: LayerContext,
): ProfileLayer | undefined {
  // A missing version is told here, so that the rest is read nevertheless.
  const entry = readShape(node, profileSection, what, { ...context, yaml, hint: generalHint });
  if (!entry) return undefined;
  const { problems, places } = context;
  if (!places.has(entry, 'profile') && !isSection) {
    problems.error(
      places.of(entry),
      'a profile needs "profile", the version of its format',
      'write "profile: 1" as its first line',
    );
  }
  if (entry.profile !== undefined && entry.profile !== profileVersion) {
    problems.error(
      places.of(entry, 'profile'),
      `this Kiln reads version ${profileVersion} of profiles, and this is version ${entry.profile}`,
      'use a newer Kiln',
    );
    return undefined;
  }
  return {
    name: entry.name,
    repositories: readRepositories(entry.repositories, context),
    packages: readPackages(entry.packages, context),
    groups: readGroups(entry.groups, context),
    users: readUsers(entry.users, context),
    files: readFiles(entry.files, context),
    services: readServices(entry.services, context),
    scripts: readScripts(entry.scripts, context),
    config: readConfig(entry.config ?? emptyConfig(context), context),
  };
}

/** An empty section still has a place. */
function emptyConfig({ places }: LayerContext): NonNullable<ProfileEntry['config']> {
  const empty = {};
  places.remember(empty, { file: '', line: 1, column: 1 }, new Map());
  return empty;
}
