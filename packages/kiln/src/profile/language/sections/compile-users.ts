import type { UserWish } from '../../../plan/profile.ts';
import type { LayerContext } from '../layer-context.ts';
import type { MergedItem } from '../layers.ts';
import { withCondition } from '../with-condition.ts';
import type { GroupDraft } from './groups.ts';
import type { UserDraft } from './users.ts';

/** Users with what groups say of them. */
export function compileUsers(
  users: readonly MergedItem<UserDraft>[],
  groups: readonly MergedItem<GroupDraft>[],
  { problems }: Pick<LayerContext, 'problems'>,
): readonly UserWish[] {
  const items = [...users, ...membersOnly(users, groups)];
  const gone = new Set(groups.filter(({ draft }) => draft.absent).map(({ name }) => name));
  const byNumber = new Map<number, string>();
  return items.flatMap((item) => {
    const { name, at, draft, places } = item;
    const { absent = false, uid, group, when } = draft;
    if (absent) return withCondition<UserWish>(when, absentUser(name, draft.removeHome ?? false));
    const other = uid === undefined ? undefined : byNumber.get(uid);
    if (other !== undefined) {
      problems.error(
        places.uid ?? at,
        `the users ${other} and ${name} have the same number, ${uid}`,
        'give one of them another, or none',
      );
    } else if (uid !== undefined) byNumber.set(uid, name);
    const memberOf = groups.filter((one) => one.draft.members?.includes(name)).map((one) => one.name);
    const wanted = [...new Set([...(draft.groups ?? []), ...memberOf])];
    for (const one of [...(group === undefined ? [] : [group]), ...wanted]) {
      if (!gone.has(one)) continue;
      problems.error(
        at,
        `the user ${name} is in the group ${one}, which is to be absent`,
        'keep the group, or take the user out',
      );
    }
    const system = draft.system ?? false;
    return withCondition<UserWish>(when, {
      name,
      absent: false,
      removeHome: false,
      ...(uid !== undefined && { uid }),
      ...(group !== undefined && { group }),
      groups: wanted,
      exactGroups: draft.exactGroups ?? false,
      ...(draft.home !== undefined && { home: draft.home }),
      ...(draft.shell !== undefined && { shell: draft.shell }),
      ...(draft.comment !== undefined && { comment: draft.comment }),
      system,
      createHome: draft.createHome ?? !system,
      ...(draft.password && { password: draft.password }),
      ...(draft.sshKeys && { sshKeys: draft.sshKeys }),
      ...(draft.sudo && { sudo: draft.sudo }),
    });
  });
}

/** Members of groups that the profile says nothing else of, such as those that packages make. */
function membersOnly(
  users: readonly MergedItem<UserDraft>[],
  groups: readonly MergedItem<GroupDraft>[],
): readonly MergedItem<UserDraft>[] {
  const known = new Set(users.map(({ name }) => name));
  const found = new Map<string, MergedItem<UserDraft>>();
  for (const { at, draft } of groups) {
    for (const name of draft.absent ? [] : (draft.members ?? [])) {
      if (!known.has(name) && !found.has(name)) found.set(name, { name, at, draft: {}, places: {} });
    }
  }
  return [...found.values()];
}

function absentUser(name: string, removeHome: boolean): UserWish {
  return { name, absent: true, removeHome, groups: [], exactGroups: false, system: false, createHome: false };
}
