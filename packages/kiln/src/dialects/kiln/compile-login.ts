import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fromFolder } from '../../base/yaml/notations.ts';
import { type SshCommunicator, sshDefaults } from '../../plan/communicator.ts';
import type { ImageRef } from '../../plan/image-ref.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import type { CompileContext } from './compile-context.ts';
import type { LoginEntry } from './kiln-file.ts';

/** The user that machines of images made by Kiln are logged in to as. */
export const seededUser = 'kiln';

/** True for images that take a login key from Kiln's seed, as far as the file tells. */
export function takesSeed(image: ImageRef, login: LoginEntry | undefined): boolean {
  const foreign = image.kind === 'file' || image.kind === 'url' || image.kind === 'box';
  return !foreign && login?.password === undefined && login?.key === undefined;
}

/**
 * How a build logs in. With the seed it is root's own login: every step may then write where it wants without asking
 * sudo, and the key is gone with the build.
 */
export function compileCommunicator(
  login: LoginEntry | undefined,
  seed: boolean,
  context: CompileContext,
): SshCommunicator {
  const key = login && compileKey(login, context);
  return {
    ...sshDefaults,
    folders: 'rsync',
    username: login?.user ?? (seed ? 'root' : seededUser),
    ...(login?.password !== undefined && { password: login.password }),
    ...(key !== undefined && { privateKeyFile: key }),
    ...(login?.port !== undefined && { port: login.port }),
    ...(login?.timeout !== undefined && { timeout: login.timeout }),
  };
}

export function compileMachineLogin(
  login: LoginEntry | undefined,
  image: ImageRef,
  context: CompileContext,
): MachineSpec['login'] {
  if (image.kind === 'box') return boxLogin(login, context);
  const key = login && compileKey(login, context);
  return {
    user: login?.user ?? seededUser,
    ...(login?.password !== undefined && { password: login.password }),
    ...(key !== undefined && { privateKeyFile: key }),
    ...(login?.port !== undefined && { port: login.port }),
    ...(login?.timeout !== undefined && { timeout: login.timeout }),
  };
}

/** Boxes let a user in whom everybody knows, until the machine has a key of its own. */
function boxLogin(login: LoginEntry | undefined, context: CompileContext): MachineSpec['login'] {
  const key = login && compileKey(login, context);
  return {
    user: login?.user ?? 'vagrant',
    password: login?.password ?? 'vagrant',
    publishedKeys: true,
    ...(key !== undefined && { privateKeyFile: key }),
    ...(login?.port !== undefined && { port: login.port }),
    ...(login?.timeout !== undefined && { timeout: login.timeout }),
  };
}

function compileKey(login: LoginEntry, context: CompileContext): string | undefined {
  if (login.key === undefined) return undefined;
  const path = login.key.startsWith('~/')
    ? join(homedir(), login.key.slice(2))
    : fromFolder(context.folder, login.key);
  if (!existsSync(path)) {
    context.problems.error(context.places.of(login, 'key'), `there is no file ${path}`);
  }
  return path;
}
