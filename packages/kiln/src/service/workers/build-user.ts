import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { KilnError } from '../../base/errors.ts';

/** A user of this host that builds run as, where the service runs as root. */
export interface BuildUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** @throws KilnError `bad-usage` when there is no such user, or this process may not become one */
export function findBuildUser(name: string): BuildUser {
  if (process.getuid?.() !== 0) {
    throw new KilnError('bad-usage', `only root can run builds as the user ${name}`, {
      hint: 'start the service as root, or without --build-user: then builds run as the user of the service',
    });
  }
  const idOf = (flag: string) => {
    const { status, stdout } = spawnSync('id', [flag, '--', name], { encoding: 'utf8' });
    return status === 0 && /^\d+\n$/.test(stdout) ? Number(stdout) : undefined;
  };
  const [uid, gid] = [idOf('-u'), idOf('-g')];
  if (uid === undefined || gid === undefined) {
    throw new KilnError('bad-usage', `this host has no user ${name}`, {
      hint: `make it: useradd --system --create-home ${name}`,
    });
  }
  if (uid === 0) throw new KilnError('bad-usage', 'builds as root would not be kept from anything');
  return { name, uid, gid };
}

/** Gives a path to the user that builds run as. */
export function giveTo(user: BuildUser | undefined, path: string): void {
  if (user) chownSync(path, user.uid, user.gid);
}

/** What the service has put into the store of builds becomes theirs. */
export function giveStoreTo(user: BuildUser | undefined, home: string): void {
  if (user) spawnSync('chown', ['-R', '--from=0', `${user.uid}:${user.gid}`, '--', home]);
}
