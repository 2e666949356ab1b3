import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';

/** Absolute path of a program, looked up in PATH unless it is a path itself; undefined when there is none. */
export function findProgram(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  if (isAbsolute(name) || name.includes('/')) return isProgram(resolve(name)) ? resolve(name) : undefined;
  for (const folder of path.split(delimiter)) {
    if (folder && isProgram(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

/** Like `findProgram`. @throws KilnError `tool-missing` with what to install, when it is known */
export function needProgram(name: string, purpose: string): string {
  const found = findProgram(name);
  if (found) return found;
  const debianPackage = debianPackages[name];
  throw new KilnError('tool-missing', `the program "${name}", which ${purpose}, is not installed`, {
    hint: debianPackage
      ? `install it (Debian and Ubuntu: apt-get install ${debianPackage}), or run \`kiln doctor\``
      : 'run `kiln doctor` to see what to install',
  });
}

const debianPackages: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-system-i386': 'qemu-system-x86',
  'qemu-system-aarch64': 'qemu-system-arm',
  'qemu-img': 'qemu-utils',
  swtpm: 'swtpm',
  xorriso: 'xorriso',
  mformat: 'mtools',
  mcopy: 'mtools',
};

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
