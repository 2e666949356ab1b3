import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestFile } from '../../../base/files.ts';
import { runOrFail } from '../../../base/processes.ts';

export interface MadePackage {
  readonly name: string;
  readonly version: string;
  /** Further lines of its control file, such as `Depends: alpha`. */
  readonly fields?: readonly string[];
  /** Its postinst. */
  readonly postinst?: string;
}

/** Makes Debian packages, and an archive of them that apt takes without signatures: `deb [trusted=yes] file:FOLDER ./`. */
export async function makeRepository(folder: string, packages: readonly MadePackage[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  let index = '';
  for (const { name, version, fields = [], postinst } of packages) {
    const tree = join(folder, 'tree');
    await mkdir(join(tree, 'DEBIAN'), { recursive: true });
    await mkdir(join(tree, 'usr/share', name), { recursive: true });
    await writeFile(join(tree, 'usr/share', name, 'version'), `${version}\n`);
    const control = [
      `Package: ${name}`,
      `Version: ${version}`,
      'Architecture: all',
      'Maintainer: Tests <tests@example.org>',
      'Description: for tests',
      ...fields,
    ];
    await writeFile(join(tree, 'DEBIAN/control'), `${control.join('\n')}\n`);
    if (postinst !== undefined) await writeFile(join(tree, 'DEBIAN/postinst'), postinst, { mode: 0o755 });
    const file = `${name}_${version.replaceAll(':', '%3a')}.deb`;
    await runOrFail('dpkg-deb', ['--root-owner-group', '-Znone', '-b', tree, join(folder, file)]);
    await rm(tree, { recursive: true });
    const facts = [`Filename: ./${file}`, `Size: ${(await stat(join(folder, file))).size}`];
    index += [...control, ...facts, `SHA256: ${await digestFile(join(folder, file))}`, '', ''].join('\n');
  }
  await writeFile(join(folder, 'Packages'), index);
}
