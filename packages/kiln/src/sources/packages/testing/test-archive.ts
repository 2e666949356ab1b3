import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { startServer, type TestServer } from '../../test-server.ts';

/** A package to be built: fields of its control file, and the text of a file in it. */
export interface TestPackage {
  readonly name: string;
  readonly version: string;
  /** Further fields, such as `Depends`. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly content?: string;
}

export interface Signing {
  /** Of the index, in seconds since 1970. */
  readonly date: number;
  /** Name of a key; null for none. Default: the distribution's. */
  readonly signer?: string | null;
}

/** What the archives of these tests need; undefined when it is all there. */
export function missingTools(): string | undefined {
  return ['apt-get', 'dpkg-deb', 'gpg', 'gpgv'].find((tool) => spawnSync(tool, ['--version']).error);
}

/** The packages that a smallest system of the tests has. */
export const smallSystem: readonly TestPackage[] = [
  { name: 'base-files', version: '12.4', fields: { Essential: 'yes', 'Pre-Depends': 'awk' } },
  { name: 'mawk', version: '1.3', fields: { Provides: 'awk' } },
  { name: 'libc6', version: '2.36-9' },
  { name: 'dpkg', version: '1.21', fields: { Essential: 'yes', 'Pre-Depends': 'libc6' } },
  { name: 'passwd', version: '1:4.13', fields: { Priority: 'required', Depends: 'libc6' } },
  { name: 'apt', version: '2.6', fields: { Depends: 'libc6' } },
  { name: 'sudo', version: '1.9' },
];

/**
 * Signed archives of packages, served over HTTP as Debian's are: built by dpkg-deb, signed by gpg. `aptFolder` stands for
 * the /etc/apt of a host that has them as its mirror of Debian.
 */
export class TestArchive {
  readonly folder: string;
  readonly aptFolder: string;
  readonly #server: TestServer;
  readonly #gnupg: string;
  /** Paths that requests were made for, as the server saw them. */
  get requests(): readonly string[] {
    return this.#server.requests;
  }

  private constructor(folder: string, server: TestServer) {
    this.folder = folder;
    this.aptFolder = join(folder, 'etc-apt');
    this.#server = server;
    this.#gnupg = join(folder, 'gnupg');
  }

  static async start(): Promise<TestArchive> {
    const folder = mkdtempSync(join(tmpdir(), 'kiln-archive-'));
    const server = await startServer((request, response) => {
      const path = join(folder, 'www', normalize(decodeURIComponent(request.url!)));
      if (!existsSync(path) || statSync(path).isDirectory()) {
        response.writeHead(404).end();
        return;
      }
      response.setHeader('content-length', statSync(path).size);
      response.setHeader('last-modified', statSync(path).mtime.toUTCString());
      createReadStream(path).pipe(response);
    });
    const archive = new TestArchive(folder, server);
    mkdirSync(archive.#gnupg, { mode: 0o700 });
    mkdirSync(archive.aptFolder);
    writeFileSync(join(folder, 'distribution.asc'), archive.makeKey('distribution'));
    const sources = ['debian', 'debian-security'].map(
      (name) =>
        `deb [signed-by=${join(folder, 'distribution.asc')}] ${server.origin}/${name} bookworm${name === 'debian' ? '' : '-security'} main\n`,
    );
    writeFileSync(join(archive.aptFolder, 'sources.list'), sources.join(''));
    return archive;
  }

  get origin(): string {
    return this.#server.origin;
  }

  /** Base of an archive that is served. */
  url(archive: string): string {
    return `${this.origin}/${archive}`;
  }

  /** Makes a signing key, and gives its public part, armoured. */
  makeKey(user: string): Buffer {
    this.#gpg('--quick-generate-key', `${user}@example.test`, 'ed25519', 'sign', 'never');
    return this.#gpg('--armor', '--export', `${user}@example.test`);
  }

  /** Publishes Debian 12 with these packages; its other suites are empty. `date` in seconds since 1970. */
  publishDebian(packages: readonly TestPackage[], date = 1_780_000_000): void {
    this.publish('debian', 'bookworm', packages, { date });
    this.publish('debian', 'bookworm-updates', [], { date: date - 1000 });
    this.publish('debian-security', 'bookworm-security', [], { date: date - 2000 });
  }

  /** Publishes one suite anew. Without a signer it is not signed. */
  publish(archive: string, suite: string, packages: readonly TestPackage[], signing: Signing): void {
    const root = join(this.folder, 'www', archive);
    this.#index(join(root, 'dists', suite), 'main/binary-amd64/Packages', suite, root, packages, signing);
  }

  /** Publishes a flat archive: the index in the folder itself. */
  publishFlat(archive: string, packages: readonly TestPackage[], signing: Signing): void {
    const root = join(this.folder, 'www', archive);
    this.#index(root, 'Packages', archive, root, packages, signing);
  }

  #index(
    folder: string,
    file: string,
    suite: string,
    root: string,
    packages: readonly TestPackage[],
    { date, signer = 'distribution' }: Signing,
  ): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    const index = packages.map((one) => this.#add(root, one)).join('\n');
    writeFileSync(join(folder, file), index);
    const release = [
      'Origin: Test',
      'Label: Test',
      `Suite: ${suite}`,
      `Codename: ${suite}`,
      `Date: ${new Date(date * 1000).toUTCString()}`,
      'Architectures: amd64',
      'Components: main',
      'SHA256:',
      ` ${sha256(index)} ${Buffer.byteLength(index)} ${file}`,
      '',
    ].join('\n');
    writeFileSync(join(folder, 'Release'), release);
    rmSync(join(folder, 'InRelease'), { force: true });
    if (signer === null) return;
    const user = `${signer}@example.test`;
    const paths = ['--output', join(folder, 'InRelease'), join(folder, 'Release')];
    this.#gpg('--local-user', user, '--clearsign', ...paths);
  }

  /** Path of a package's file on the disk. */
  debPath(archive: string, { name, version }: TestPackage): string {
    return join(this.folder, 'www', archive, poolPath(name, version));
  }

  async close(): Promise<void> {
    await this.#server.close();
    spawnSync('gpgconf', ['--homedir', this.#gnupg, '--kill', 'all']);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Builds a package once, and gives its paragraph for the index. */
  #add(root: string, wanted: TestPackage): string {
    const { name, version, fields = {}, content = `${name} ${version}` } = wanted;
    const path = join(root, poolPath(name, version));
    const lines = {
      Package: name,
      Version: version,
      Architecture: 'amd64',
      Maintainer: 'Test <t@example.test>',
      ...fields,
    };
    const control = Object.entries(lines)
      .map(([field, value]) => `${field}: ${value}\n`)
      .join('');
    if (!existsSync(path)) {
      const tree = mkdtempSync(join(this.folder, 'build-'));
      mkdirSync(join(tree, 'DEBIAN'));
      mkdirSync(join(tree, 'usr/share', name), { recursive: true });
      writeFileSync(join(tree, 'DEBIAN/control'), `${control}Description: of a test\n`);
      writeFileSync(join(tree, 'usr/share', name, 'content'), content);
      mkdirSync(join(path, '..'), { recursive: true });
      execFileSync('dpkg-deb', ['-Znone', '--root-owner-group', '--build', tree, path], { stdio: 'ignore' });
      rmSync(tree, { recursive: true });
    }
    const bytes = readFileSync(path);
    return `${control}Filename: ${poolPath(name, version)}\nSize: ${bytes.length}\nSHA256: ${sha256(bytes)}\nDescription: of a test\n`;
  }

  #gpg(...args: string[]): Buffer {
    const options = [
      '--homedir',
      this.#gnupg,
      '--batch',
      '--yes',
      '--quiet',
      '--passphrase',
      '',
      '--pinentry-mode',
      'loopback',
    ];
    return execFileSync('gpg', [...options, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  }
}

function poolPath(name: string, version: string): string {
  return `pool/main/${name}_${version.replace(/^\d+:/, '')}_amd64.deb`;
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
