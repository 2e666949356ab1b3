import { showName } from '../inventory/byte-names.ts';
import type { Inventory, InventoryFile, InventoryUnit, InventoryUser } from '../inventory/inventory.ts';
import { repositoryItems } from './repository-items.ts';
import { settingItems } from './setting-items.ts';
import type { StateItem, SystemState } from './system-state.ts';
import { fileMode, keysText, memberValues, sudoText } from './value-texts.ts';

/** Everything that an inventory says of a system. */
export function stateOfInventory(inventory: Inventory): SystemState {
  return {
    description: inventory.description,
    whole: true,
    sections: {
      system: systemItems(inventory),
      packages: packageItems(inventory),
      repositories: repositoryItems(inventory.repositories, inventory.os.id),
      groups: groupItems(inventory),
      users: new Map(inventory.users.map((user) => [user.name, userItem(user)])),
      services: new Map(inventory.units.map((unit) => [unit.name, unitItem(unit)])),
      // Without a word of it, it is UTC.
      settings: settingItems({ timezone: 'UTC', ...inventory.settings }),
      files: fileItems(inventory),
    },
    gaps: inventory.gaps,
  };
}

function systemItems({ os, architecture, running }: Inventory): Map<string, StateItem> {
  const items = new Map<string, StateItem>();
  items.set('distribution', { values: { name: `${os.id} ${os.version ?? os.codename ?? ''}`.trim() } });
  if (architecture !== undefined) items.set('architecture', { values: { name: architecture } });
  if (running) items.set('kernel', { values: { release: running.kernel }, identity: true });
  return items;
}

function packageItems({ packages, architecture }: Inventory): Map<string, StateItem> {
  const items = new Map<string, StateItem>();
  for (const one of packages) {
    if (one.state === 'config-files') continue;
    const foreign =
      architecture !== undefined && one.architecture !== 'all' && one.architecture !== architecture;
    items.set(foreign ? `${one.name}:${one.architecture}` : one.name, {
      values: {
        version: one.version,
        held: one.held ? 'yes' : 'no',
        asked: one.manual ? 'yes' : 'no',
        ...(one.state === 'broken' ? { state: 'not installed whole' } : {}),
      },
      minor: ['asked'],
    });
  }
  return items;
}

function groupItems({ groups }: Inventory): Map<string, StateItem> {
  return new Map(
    groups.map(({ name, gid, origin }) => [
      name,
      { values: { gid: String(gid) }, ...(origin === 'own' ? {} : { standard: true, minor: ['gid'] }) },
    ]),
  );
}

function userItem(user: InventoryUser): StateItem {
  const { uid, group, groups, comment, home, shell, password, sshKeys, sudo, origin } = user;
  return {
    values: {
      uid: String(uid),
      group,
      ...memberValues(groups),
      comment: comment.replace(/,+$/, ''),
      home,
      shell,
      ...(password === 'unknown' ? {} : { password }),
      'ssh keys': keysText(sshKeys),
      sudo: sudoText(sudo),
    },
    ...(password === 'unknown' ? { unknown: ['password', 'sudo', 'ssh keys'] } : {}),
    ...(origin === 'own' ? {} : { standard: true, minor: ['uid', 'comment'] }),
  };
}

function unitItem({ enabled, masked, enabledByPackage, active }: InventoryUnit): StateItem {
  const state = masked ? 'masked' : enabled ? 'enabled' : 'disabled';
  const asPackaged = !masked && enabled === (enabledByPackage ?? false);
  return {
    values: { state, ...(active === undefined ? {} : { active: active ? 'yes' : 'no' }) },
    ...(asPackaged ? { standard: true } : {}),
    minor: ['active'],
    ...(state === 'disabled' ? { usual: true } : {}),
  };
}

function fileItems(inventory: Inventory): Map<string, StateItem> {
  const names = accountNames(inventory);
  const toldElsewhere = new Set([
    ...Object.values(inventory.settings.files).flat(),
    ...inventory.users.map(({ home }) => `${home}/.ssh/authorized_keys`),
  ]);
  const items = new Map<string, StateItem>();
  for (const file of inventory.files) {
    if (file.state === 'missing') {
      items.set(showName(file.path), { values: {}, absent: true });
      continue;
    }
    items.set(showName(file.path), fileItem(file, names, toldElsewhere.has(file.path)));
  }
  return items;
}

function fileItem(file: InventoryFile, names: AccountNames, toldElsewhere: boolean): StateItem {
  const { kind, mode, uid, gid, size, target, sha256, state } = file;
  const values: Record<string, string> = { kind };
  if (kind === 'symlink') values['target'] = target ?? '';
  else {
    if (kind === 'file') values['content'] = sha256 === undefined ? `${size} bytes` : `sha256:${sha256}`;
    values['mode'] = fileMode(mode);
    values['owner'] = names.user(uid);
    values['group'] = names.group(gid);
  }
  return {
    values,
    ...(state === 'shipped' || state === 'made' || toldElsewhere ? { standard: true } : {}),
    ...(state === 'volatile' || isSourceList(file.path) ? { standard: true, identity: true } : {}),
  };
}

/** The repositories tell what stands in these. */
function isSourceList(path: string): boolean {
  return /^\/etc\/apt\/sources\.list(?:$|\.d\/)/.test(path);
}

export interface AccountNames {
  user(uid: number): string;
  group(gid: number): string;
}

/** Names of users and groups by number, and the number where there is no name. */
export function accountNames({ users, groups }: Pick<Inventory, 'users' | 'groups'>): AccountNames {
  const userNames = new Map(users.toReversed().map((user) => [user.uid, user.name]));
  const groupNames = new Map(groups.toReversed().map((group) => [group.gid, group.name]));
  return {
    user: (uid) => userNames.get(uid) ?? String(uid),
    group: (gid) => groupNames.get(gid) ?? String(gid),
  };
}
