import type { Problems } from '../../base/yaml/problems.ts';
import type { OperatingSystem, Profile } from '../../plan/profile.ts';
import { mergeLayers } from './layers.ts';
import type { ProfileLayer } from './profile-layer.ts';
import { compileConfig } from './sections/compile-config.ts';
import { compileFiles } from './sections/compile-files.ts';
import { compileUsers } from './sections/compile-users.ts';
import { combineFiles } from './sections/files.ts';
import { compileGroups } from './sections/groups.ts';
import { combinePackages, compilePackages } from './sections/packages.ts';
import { compileRepositories } from './sections/repositories.ts';
import { compileScripts } from './sections/scripts.ts';
import { combineServices, compileServices } from './sections/services.ts';

export interface CompileProfileContext {
  readonly problems: Problems;
  readonly defaultName: string;
  readonly os: OperatingSystem | undefined;
  readonly secrets: readonly string[];
}

/** Merges what all files say, lowest first, and checks what only the whole can tell. */
export function compileProfile(layers: readonly ProfileLayer[], context: CompileProfileContext): Profile {
  const { problems, os, secrets } = context;
  const groups = mergeLayers(
    'the group',
    layers.map((one) => one.groups),
    problems,
  );
  const users = mergeLayers(
    'the user',
    layers.map((one) => one.users),
    problems,
  );
  const hasSecret = (text: string) => secrets.some((secret) => text.includes(secret));
  const files = compileFiles(
    mergeLayers(
      'the file',
      layers.map((one) => one.files),
      problems,
      combineFiles,
    ),
    hasSecret,
    context,
  );
  return {
    name: layers.findLast((one) => one.name !== undefined)?.name ?? context.defaultName,
    ...(os && { os }),
    repositories: compileRepositories(
      mergeLayers(
        'the repository',
        layers.map((one) => one.repositories),
        problems,
      ),
      context,
    ),
    packages: compilePackages(
      mergeLayers(
        'the package',
        layers.map((one) => one.packages),
        problems,
        combinePackages,
      ),
      os?.distribution,
      context,
    ),
    groups: compileGroups(groups, context),
    users: compileUsers(users, groups, context),
    files,
    services: compileServices(
      mergeLayers(
        'the service',
        layers.map((one) => one.services),
        problems,
        combineServices,
      ),
      files,
      context,
    ),
    config: compileConfig(
      layers.map((one) => one.config),
      problems,
    ),
    scripts: compileScripts(
      mergeLayers(
        'the script',
        layers.map((one) => one.scripts),
        problems,
      ),
      context,
    ),
  };
}
