import type { Config, Content, Profile, ScriptPoint, ServiceWish } from '../plan/profile.ts';
import type { ProfilePart } from '../plan/step.ts';

/** The parts that builds do a profile in, in this order: a change of one costs only what comes after it. */
export const profileParts: readonly ProfilePart[] = ['packages', 'config', 'files'];

/** Settings that say nothing. */
export const noConfig: Config = {
  locales: [],
  sysctl: {},
  modules: { load: [], blacklist: [] },
  limits: [],
  environment: {},
  hosts: {},
  cron: [],
  timers: [],
};

const pointsOfPackages: readonly ScriptPoint[] = ['first', 'before-packages', 'after-packages'];

/** The profile with nothing in it but one part. The parts together are the whole. */
export function profilePart(profile: Profile, part: ProfilePart): Profile {
  if (part === 'all') return profile;
  const { name, os, repositories, packages, groups, users, files, services, config, scripts } = profile;
  const empty: Profile = {
    name,
    ...(os && { os }),
    repositories: [],
    packages: [],
    groups: [],
    users: [],
    files: [],
    services: [],
    config: noConfig,
    scripts: [],
  };
  const isEarly = ({ at }: { readonly at: ScriptPoint }) => pointsOfPackages.includes(at);
  switch (part) {
    case 'packages':
      return { ...empty, repositories, packages, scripts: scripts.filter(isEarly) };
    case 'config':
      return { ...empty, groups, users, config, services: services.filter((one) => !isOurs(one)) };
    case 'files':
      return {
        ...empty,
        files,
        services: services.filter(isOurs),
        scripts: scripts.filter((script) => !isEarly(script)),
      };
  }
}

/** A service that the profile itself has the unit of, or restarts for a file of it. */
function isOurs({ unit, dropIn, restartOn }: ServiceWish): boolean {
  return unit !== undefined || dropIn !== undefined || restartOn.length > 0;
}

/** Whether applying it would do nothing. */
export function isEmptyProfile(profile: Profile): boolean {
  const { repositories, packages, groups, users, files, services, config, scripts } = profile;
  const lists = [repositories, packages, groups, users, files, services, scripts];
  return lists.every((list) => list.length === 0) && isEmptyConfig(config);
}

/** Absolute paths of the local files and folders that a profile reads, in order and without doubles. */
export function localReads({ repositories, files }: Profile): readonly string[] {
  const contents: (Content | undefined)[] = repositories.map(({ key }) => key);
  const paths = new Set<string>();
  for (const file of files) {
    if (file.kind === 'file') contents.push(file.content);
    if (file.kind === 'directory' && file.source !== undefined) paths.add(file.source);
  }
  for (const content of contents) if (content?.kind === 'local') paths.add(content.path);
  return [...paths];
}

/** Profiles that are applied one after the other, or parts of one, as one. */
export function joinProfiles(profiles: readonly Profile[]): Profile | undefined {
  const [first, ...others] = profiles;
  if (!first) return undefined;
  return others.reduce((all, one) => {
    const config = isEmptyConfig(one.config) ? all.config : joinConfigs(all.config, one.config);
    const os = one.os ?? all.os;
    return {
      name: all.name,
      ...(os && { os }),
      repositories: [...all.repositories, ...one.repositories],
      packages: [...all.packages, ...one.packages],
      groups: [...all.groups, ...one.groups],
      users: [...all.users, ...one.users],
      files: [...all.files, ...one.files],
      services: [...all.services, ...one.services],
      config,
      scripts: [...all.scripts, ...one.scripts],
    };
  }, first);
}

function isEmptyConfig(config: Config): boolean {
  return JSON.stringify(config) === JSON.stringify(noConfig);
}

/** What the second one says is stronger. */
function joinConfigs(a: Config, b: Config): Config {
  return {
    ...a,
    ...b,
    locales: [...new Set([...a.locales, ...b.locales])],
    sysctl: { ...a.sysctl, ...b.sysctl },
    modules: {
      load: [...new Set([...a.modules.load, ...b.modules.load])],
      blacklist: [...new Set([...a.modules.blacklist, ...b.modules.blacklist])],
    },
    limits: [...a.limits, ...b.limits],
    environment: { ...a.environment, ...b.environment },
    hosts: { ...a.hosts, ...b.hosts },
    cron: [...a.cron, ...b.cron],
    timers: [...a.timers, ...b.timers],
  };
}
