import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiagnosticsError } from '../../../base/diagnostics.ts';
import { storeLayout } from '../../../store/home.ts';
import { findRelease } from '../../bootstrap/release.ts';
import type { AptContext } from '../apt-folder.ts';
import type { ForeignRepository, PackageRequest, RequestedPackage } from '../package-request.ts';
import { type ResolveOptions, resolvePackages } from '../resolve-packages.ts';
import type { ResolvedPackages } from '../resolved-packages.ts';
import { missingTools, TestArchive, type TestPackage } from './test-archive.ts';

const missing = missingTools();
/** Why tests that resolve packages cannot run here; false when they can. */
export const skipResolving: string | false = missing === undefined ? false : `${missing} is not installed`;

export const webPackages: readonly TestPackage[] = [
  { name: 'nginx', version: '1.22.1-9', fields: { Depends: 'nginx-common (= 1.22.1-9), libc6' } },
  { name: 'nginx-common', version: '1.22.1-9', fields: { Source: 'nginx', Recommends: 'nginx-doc' } },
  { name: 'nginx-doc', version: '1.22.1-9', fields: { Source: 'nginx' } },
  { name: 'postfix', version: '3.7', fields: { Provides: 'mta', Conflicts: 'mta' } },
  { name: 'exim4', version: '4.96', fields: { Provides: 'mta', Conflicts: 'mta' } },
  { name: 'broken', version: '1', fields: { Depends: 'libc6 (>= 3)' } },
];

export const newerPackages: readonly TestPackage[] = [
  { name: 'nginx', version: '1.22.1-10', fields: { Depends: 'nginx-common (= 1.22.1-10), libc6' } },
  { name: 'nginx-common', version: '1.22.1-10', fields: { Source: 'nginx' } },
  { name: 'curl', version: '8.0' },
];

export interface Asked {
  /** `name`, `name=version`, `name-`, or a whole wish. */
  readonly wishes?: readonly (string | RequestedPackage)[];
  readonly repositories?: readonly ForeignRepository[];
  readonly recommends?: boolean;
  /** `$KILN_HOME`; a new one without it. */
  readonly home?: string;
}

/** An archive and stores to resolve packages of it in. */
export class ResolveBench {
  readonly archive: TestArchive;
  readonly folder: string;
  #count = 0;

  private constructor(archive: TestArchive, folder: string) {
    this.archive = archive;
    this.folder = folder;
  }

  static async open(): Promise<ResolveBench> {
    const folder = mkdtempSync(join(tmpdir(), 'kiln-resolve-'));
    // The proxies of this host's apt are not for servers of the tests.
    const settings = join(folder, 'no-settings.conf');
    writeFileSync(settings, 'Dir::Etc::parts "/dev/null";\nDir::Etc::main "/dev/null";\n');
    process.env['APT_CONFIG'] = settings;
    return new ResolveBench(await TestArchive.start(), folder);
  }

  async close(): Promise<void> {
    await this.archive.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  newHome(): string {
    return join(this.folder, `home-${this.#count++}`);
  }

  request({ wishes = [], repositories = [], recommends = false }: Asked): PackageRequest {
    return {
      release: findRelease('debian', '12'),
      architecture: 'amd64',
      base: ['sudo'],
      repositories,
      wishes: wishes.map((one) => (typeof one === 'string' ? asWish(one) : one)),
      recommends,
    };
  }

  context(home = this.newHome()): AptContext {
    const { signal } = new AbortController();
    return { layout: storeLayout(home), signal, aptFolder: this.archive.aptFolder };
  }

  async resolve(asked: Asked = {}, options: ResolveOptions = {}): Promise<ResolvedPackages> {
    return (await resolvePackages(this.request(asked), this.context(asked.home), options)).resolved;
  }
}

function asWish(word: string): RequestedPackage {
  const at = { file: 'web.yaml', line: 7, column: 5 };
  if (word.endsWith('-')) return { name: word.slice(0, -1), state: 'absent', at };
  const [name, version] = word.split('=') as [string, string | undefined];
  return { name, state: 'present', ...(version && { version }), at };
}

/** `name=version` of a layer's packages. */
export function namesOf(resolved: ResolvedPackages, layer: 'os' | 'profile'): string[] {
  return resolved.packages.filter((one) => one.layer === layer).map((one) => `${one.name}=${one.version}`);
}

/** `line: message (hint)` of everything that was found wrong. */
export function faultsIn(error: unknown): string[] {
  assert.ok(error instanceof DiagnosticsError, String(error));
  return error.diagnostics.map((one) => `${one.at.line}: ${one.message} (${one.hint})`);
}
