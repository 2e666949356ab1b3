import { createHash } from 'node:crypto';
import { createReadStream, type Dirent, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isSystemError } from '../../base/errors.ts';
import { run } from '../../base/processes.ts';
import {
  meetsConstraint,
  parseVersion,
  parseVersionConstraint,
  type Version,
} from '../../dialects/packer/hcl/version-constraint.ts';

/** A plugin of Packer that is installed on this host. */
export interface InstalledPlugin {
  /** Such as `github.com/hashicorp/amazon`. */
  readonly source: string;
  /** Without `v`. */
  readonly version: string;
  /** The program. */
  readonly path: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Folders below the plugin folder: host, namespaces and name, as many as a plugin's source may have. */
const deepest = 16;

/** The version of the plugin protocol: a plugin speaks it when the first number is the same and the second no larger. */
const protocol = { major: 5, minor: 0 } as const;

/**
 * Where plugins are installed (https://developer.hashicorp.com/packer/docs/configure#packer-s-plugin-directory):
 * PACKER_PLUGIN_PATH, or `plugins` in Packer's folder for configuration.
 */
export function pluginFolder(env: Environment): string {
  if (env.PACKER_PLUGIN_PATH) return env.PACKER_PLUGIN_PATH;
  return join(configurationFolder(env), 'plugins');
}

function configurationFolder(env: Environment): string {
  if (env.PACKER_CONFIG_DIR) return join(env.PACKER_CONFIG_DIR, '.packer.d');
  const home = env.HOME || homedir();
  const old = join(home, '.packer.d');
  if (entriesOf(old)) return old;
  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'packer');
}

/**
 * The plugins that Packer would find: programs named `packer-plugin-NAME_vVERSION_xMAJOR.MINOR_OS_ARCH` in a folder
 * named as their source, whose checksum file agrees and which describe themselves as their name does. By path.
 */
export async function installedPlugins(folder: string): Promise<readonly InstalledPlugin[]> {
  const found: InstalledPlugin[] = [];
  for (const path of filesBelow(folder, deepest)) {
    const plugin = nameOf(folder, path);
    if (!plugin || !(await hasRightChecksum(path))) continue;
    if (await describesItself(plugin)) found.push(plugin);
  }
  return found;
}

/** Those of a source that meet a constraint such as `>= 1.0.0, < 2`. Prereleases count as their releases. */
export function matchingPlugins(
  plugins: readonly InstalledPlugin[],
  source: string,
  constraint: string,
): readonly InstalledPlugin[] {
  const conditions = parseVersionConstraint(constraint) ?? [];
  return plugins.filter(
    (plugin) => plugin.source === source && meetsConstraint(release(plugin.version), conditions),
  );
}

function release(version: string): Version {
  return { ...parseVersion(version)!, prerelease: '' };
}

function* filesBelow(folder: string, depth: number): Iterable<string> {
  for (const entry of entriesOf(folder) ?? []) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) yield path;
    else if (depth > 0) yield* filesBelow(path, depth - 1);
  }
}

/** Sorted by name; undefined when there is no such folder. */
function entriesOf(folder: string): Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return undefined;
    throw error;
  }
}

/** What a program's path says about it; undefined when it is no plugin for this host. */
function nameOf(folder: string, path: string): InstalledPlugin | undefined {
  const parts = relative(folder, path).split(sep);
  const file = parts.pop()!;
  const name = parts.at(-1);
  if (name === undefined || parts.length < 3 || parts.length > deepest) return undefined;
  const match = /^packer-plugin-(.+)_v([^_]+)_x(\d+)\.(\d+)_([a-z0-9]+)_([a-z0-9]+)(?:\.exe)?$/.exec(file);
  if (!match || match[1] !== name) return undefined;
  const [, , version, major, minor, os, arch] = match;
  if (Number(major) !== protocol.major || Number(minor) > protocol.minor) return undefined;
  if (os !== goPlatform[process.platform] || arch !== goArchitecture[process.arch]) return undefined;
  const parsed = parseVersion(version!);
  if (!parsed || (parsed.prerelease !== '' && parsed.prerelease !== 'dev')) return undefined;
  return { source: parts.join('/'), version: version!, path };
}

const goPlatform: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const goArchitecture: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  ia32: '386',
  arm: 'arm',
};

async function hasRightChecksum(path: string): Promise<boolean> {
  try {
    const expected = readFileSync(`${path}_SHA256SUM`, 'utf8').trim();
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    return hash.digest('hex') === expected;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES', 'EISDIR')) return false;
    throw error;
  }
}

/** How long a plugin may take to say what it is, in milliseconds. */
const patience = 10_000;

async function describesItself({ path, version }: InstalledPlugin): Promise<boolean> {
  try {
    const { code, stdout } = await run(path, ['describe'], { signal: AbortSignal.timeout(patience) });
    if (code !== 0) return false;
    const described: unknown = JSON.parse(stdout);
    return (
      typeof described === 'object' &&
      described !== null &&
      'version' in described &&
      described.version === version &&
      'api_version' in described &&
      path.includes(`_${String(described.api_version)}_`)
    );
  } catch {
    // Whatever does not describe itself is no plugin, as for Packer.
    return false;
  }
}
