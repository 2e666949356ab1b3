import { stringify } from 'yaml';
import { escaped, escapedScript } from '../../base/yaml/interpolate.ts';
import type {
  Content,
  GroupWish,
  PackageWish,
  Profile,
  ProfileScript,
  Repository,
  ServiceWish,
  UserWish,
} from '../../plan/profile.ts';
import { whenField } from './format-condition.ts';
import { formatConfig } from './format-config.ts';
import { contentFields, formatFile } from './format-file.ts';
import { profileVersion } from './profile-shape.ts';
import { sudoWords } from './sections/users.ts';

/**
 * A profile in its language, in short forms. Reading the text gives the same profile again; local files are named by
 * their absolute paths.
 */
export function formatProfile(profile: Profile): string {
  const { name, os, repositories, packages, groups, users, files, services, config, scripts } = profile;
  const sections = {
    profile: profileVersion,
    name: escaped(name),
    ...(os && { os: `${os.distribution}/${os.release}` }),
    repositories: byName(repositories, (one) => one.name, formatRepository),
    packages: packages.map(formatPackage),
    groups: byName(groups, (one) => one.name, formatGroup),
    users: byName(users, (one) => one.name, formatUser),
    files: byName(files, (one) => one.path, formatFile),
    services: byName(services, (one) => one.name.replace(/\.service$/, ''), formatService),
    config: formatConfig(config),
    scripts: scripts.map(formatScript),
  };
  const given = Object.entries(sections).filter(
    ([, value]) => typeof value !== 'object' || Object.keys(value).length > 0,
  );
  return stringify(Object.fromEntries(given), {
    // Folding would cut characters of two code units in half.
    lineWidth: 0,
    blockQuote: 'literal',
    aliasDuplicateObjects: false,
  });
}

function byName<T>(
  things: readonly T[],
  nameOf: (thing: T) => string,
  format: (thing: T) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(things.map((thing) => [nameOf(thing), format(thing)]));
}

function formatRepository(repository: Repository): unknown {
  const { absent, urls, suites, components, architectures, key } = repository;
  if (absent) return { absent: true, ...whenField(repository) };
  const words = (list: readonly string[]) => (list.length === 1 ? escaped(list[0]!) : list.map(escaped));
  const hasUsualComponents = components.length === 1 && components[0] === 'main';
  return {
    url: words(urls),
    ...(suites.length > 0 && { suites: words(suites) }),
    ...(components.length > 0 && !hasUsualComponents && { components: words(components) }),
    ...(architectures.length > 0 && { architectures: words(architectures) }),
    ...(key && { key: formatKey(key) }),
    ...whenField(repository),
  };
}

/** A key that was read from a local file stands as text. */
function formatKey(key: Content): unknown {
  return key.kind === 'text' ? escapedScript(key.text) : contentFields(key);
}

function formatPackage(wish: PackageWish): unknown {
  const { name, state, version, held, when } = wish;
  const isPlain = state === 'present' && held === undefined && !when;
  if (isPlain) return version === undefined ? name : `${name}=${version}`;
  return {
    name,
    ...(version !== undefined && { version }),
    ...(state === 'latest' && { version: 'latest' }),
    ...(state === 'absent' && { absent: true }),
    ...(held !== undefined && { held }),
    ...whenField(wish),
  };
}

function formatGroup(group: GroupWish): unknown {
  const { absent, gid, system, when } = group;
  if (!when && !system) return absent ? 'absent' : (gid ?? {});
  return {
    ...(absent && { absent }),
    ...(gid !== undefined && { gid }),
    ...(system && { system }),
    ...whenField(group),
  };
}

function formatUser(user: UserWish): unknown {
  const { absent, removeHome, uid, group, groups, exactGroups, home, shell, comment, system } = user;
  if (absent) {
    if (!removeHome && !user.when) return 'absent';
    return { absent, ...(removeHome && { remove_home: true }), ...whenField(user) };
  }
  const { createHome, password, sshKeys, sudo } = user;
  return {
    ...(uid !== undefined && { uid }),
    ...(group !== undefined && { group }),
    ...(groups.length > 0 && { groups }),
    ...(exactGroups && { exact_groups: true }),
    ...(home !== undefined && { home: escaped(home) }),
    ...(createHome === system && { create_home: createHome }),
    ...(shell !== undefined && { shell: escaped(shell) }),
    ...(comment !== undefined && { comment: escaped(comment) }),
    ...(system && { system }),
    ...(password && { password: password.kind === 'locked' ? 'locked' : escapedScript(password.hash) }),
    ...(sshKeys && { ssh_keys: sshKeys.map(escaped) }),
    ...(sudo && { sudo: formatSudo(sudo) }),
    ...whenField(user),
  };
}

function formatSudo(rules: readonly string[]): unknown {
  const word = Object.entries(sudoWords).find(([, meant]) => meant.join('\n') === rules.join('\n'))?.[0];
  if (word === undefined) return rules.length === 1 ? escaped(rules[0]!) : rules.map(escaped);
  return word === 'password' ? word : word === 'true';
}

function formatService(service: ServiceWish): unknown {
  const { enabled, masked, running, unit, dropIn, restartOn, when } = service;
  const isPlain =
    running === undefined && unit === undefined && dropIn === undefined && restartOn.length === 0 && !when;
  if (isPlain && enabled !== undefined && masked === undefined) return enabled ? 'enabled' : 'disabled';
  if (isPlain && masked === true && enabled === undefined) return 'masked';
  return {
    ...(enabled !== undefined && { enabled }),
    ...(masked !== undefined && { masked }),
    ...(running !== undefined && { running }),
    ...(unit !== undefined && { unit: severalLines(unit) }),
    ...(dropIn !== undefined && { drop_in: severalLines(dropIn) }),
    ...(restartOn.length > 0 && { restart_on: restartOn.map(escaped) }),
    ...whenField(service),
  };
}

/** A unit of one line would be taken for the name of a file. */
function severalLines(text: string): string {
  return escapedScript(text.includes('\n') ? text : `${text}\n`);
}

function formatScript(script: ProfileScript): unknown {
  const { name, at, run, unless, creates } = script;
  return {
    name: escaped(name),
    at,
    run: escapedScript(run),
    ...(unless !== undefined && { unless: escapedScript(unless) }),
    ...(creates !== undefined && { creates: escaped(creates) }),
    ...whenField(script),
  };
}
