import type { GroupWish, UserWish } from '../../../plan/profile.ts';
import type { CompileContext } from '../compile-context.ts';
import type { ResourceReference } from '../compiled-profile.ts';
import { command } from '../script-builder.ts';
import { accountChangeLibrary } from '../shell/account-changes.ts';
import { accountLibrary } from '../shell/accounts.ts';
import { fileLibrary } from '../shell/files.ts';

/** Users and groups: what goes away first, but for groups, which users may still be in. */
export async function compileAccounts(
  groups: readonly GroupWish[],
  users: readonly UserWish[],
  context: CompileContext,
): Promise<void> {
  const { script } = context;
  if (groups.length === 0 && users.length === 0) return;
  for (const library of [fileLibrary, accountLibrary, accountChangeLibrary]) script.use(library);
  for (const user of users.filter((one) => one.absent)) {
    await compileAbsentUser(user, context);
  }
  for (const { name, gid, system } of groups.filter((one) => !one.absent)) {
    script.resource({ kind: 'group', name }, [command('group', name, gid ?? '', yesNo(system))]);
  }
  for (const user of users.filter((one) => !one.absent)) await compileUser(user, context);
  for (const { name } of groups.filter((one) => one.absent)) {
    script.resource({ kind: 'group', name }, [command('absent_group', name)]);
  }
}

async function compileAbsentUser(user: UserWish, { script }: CompileContext): Promise<void> {
  script.resource({ kind: 'user', name: user.name }, [
    `part ${command('absent_user', user.name, yesNo(user.removeHome))} &&`,
    `part ${command('sudo_rules', sudoFile(user.name), '')}`,
  ]);
}

async function compileUser(user: UserWish, context: CompileContext): Promise<void> {
  const { script, contents, keepSecret } = context;
  const { name, uid, group, groups, exactGroups, home, shell, comment, system, createHome, password } = user;
  if (password?.kind === 'hash') keepSecret();
  const values = {
    U_UID: uid,
    U_GROUP: group,
    U_HOME: home,
    U_SHELL: shell,
    U_COMMENT: comment,
    U_GROUPS: groups.join(' '),
    U_EXACT: yesNo(exactGroups),
    U_SYSTEM: yesNo(system),
    U_CREATE: yesNo(createHome),
    U_PASSWORD: password?.kind ?? 'keep',
    U_HASH: password?.kind === 'hash' ? password.hash : undefined,
  };
  const assignments = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${command(value ?? '')}`);
  const parts = [`part ${command('user', name)}`];
  if (user.sshKeys) {
    const { id, digest, size } = await contents.add({ kind: 'text', text: lines(user.sshKeys) });
    parts.push(`part ${command('ssh_keys', name, id, digest, size)}`);
  }
  if (user.sudo) {
    const file = sudoFile(name);
    if (user.sudo.length === 0) parts.push(`part ${command('sudo_rules', file, '')}`);
    else {
      const text = lines(user.sudo.map((rule) => `${sudoUser(name)} ${rule}`));
      const { id, digest, size } = await contents.add({ kind: 'text', text });
      parts.push(`part ${command('sudo_rules', file, id, digest, size)}`);
    }
  }
  const needs: ResourceReference[] = [...(group === undefined ? [] : [group]), ...groups].map((one) => ({
    kind: 'group',
    name: one,
  }));
  script.resource(
    { kind: 'user', name },
    [
      'unset U_UID U_GROUP U_HOME U_SHELL U_COMMENT U_HASH',
      ...assignments,
      ...parts.map((part, index) => (index < parts.length - 1 ? `${part} &&` : part)),
    ],
    needs,
  );
}

/** sudoers(5) leaves files with a dot or "~" in their names out. */
function sudoFile(name: string): string {
  return `/etc/sudoers.d/kiln-${name.replace(/[^\w-]/g, '_')}`;
}

/** Characters with a meaning in sudoers(5) have a backslash before them. */
function sudoUser(name: string): string {
  return name.replace(/[\\@!=:,()\s"]/g, '\\$&');
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
