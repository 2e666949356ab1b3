import { spawnSync } from 'node:child_process';
import { KilnError } from '../../base/errors.ts';
import { findProgram } from '../../hosts/qemu/programs.ts';

export interface VirtiofsProgram {
  readonly path: string;
  readonly arguments: (folder: {
    readonly socket: string;
    readonly hostPath: string;
    readonly readOnly: boolean;
  }) => readonly string[];
}

/** Where distributions put it: none of them into PATH. */
const places = ['/usr/libexec/virtiofsd', '/usr/lib/virtiofsd', '/usr/lib/qemu/virtiofsd', 'virtiofsd'];

/**
 * The program that serves folders by virtiofs. There are two: the one that came with QEMU until 7.2, which only root can
 * run, and the one that has come since.
 * @throws KilnError `tool-missing`, `unsupported` for an ordinary user of the old one
 */
export function virtiofsProgram(): VirtiofsProgram {
  const path = places.map((place) => findProgram(place)).find((found) => found !== undefined);
  if (path === undefined) {
    throw new KilnError('tool-missing', 'virtiofsd, which serves folders by virtiofs, is not installed', {
      hint: 'install it (Debian and Ubuntu: virtiofsd, or qemu-system-common), or leave out the type of the folder',
    });
  }
  const { stdout } = spawnSync(path, ['--help'], { encoding: 'utf8' });
  const isNew = /--shared-dir/.test(stdout);
  if (isNew) {
    return {
      path,
      arguments: ({ socket, hostPath, readOnly }) => [
        `--socket-path=${socket}`,
        `--shared-dir=${hostPath}`,
        ...(process.getuid?.() === 0 ? [] : ['--sandbox=namespace']),
        ...(readOnly ? ['--readonly'] : []),
      ],
    };
  }
  if (process.getuid?.() !== 0) {
    throw new KilnError('unsupported', `${path} can only be run by root`, {
      hint: 'leave out the type of the folder: it is mounted without it',
    });
  }
  return {
    path,
    // Read-only is left to the mount: this one cannot enforce it.
    arguments: ({ socket, hostPath }) => [
      ...['-f', `--socket-path=${socket}`],
      ...['-o', `source=${hostPath.replaceAll(',', '\\,')}`, '-o', 'cache=auto'],
    ],
  };
}
