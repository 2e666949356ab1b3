import { namesIn } from './account-names.ts';
import type { CloudContext } from './cloud-context.ts';
import type { CloudConfig } from './shape.ts';

type Members = Readonly<Record<string, null | string | readonly string[]>>;

/** The field `groups`: names with commas, a list, or a mapping of names to members. */
export function readGroups(config: CloudConfig, context: CloudContext): void {
  const { groups } = config;
  const { layer, places } = context;
  if (groups === undefined) return;
  const addNames = (text: string, at = places.of(config, 'groups')) => {
    for (const name of namesIn(text, 'group', at, context)) layer.add('groups', name, at, { absent: false });
  };
  const addMembers = (members: Members) => {
    for (const [name, given] of Object.entries(members)) {
      const users =
        typeof given === 'string' ? namesIn(given, 'user', places.of(members, name), context) : (given ?? []);
      layer.add('groups', name, places.of(members, name), { absent: false, members: users });
    }
  };
  if (typeof groups === 'string') addNames(groups);
  else if (!isList(groups)) addMembers(groups);
  else {
    groups.forEach((one, index) => {
      if (typeof one === 'string') addNames(one, places.of(groups, index));
      else addMembers(one);
    });
  }
}

function isList(groups: readonly (string | Members)[] | Members): groups is readonly (string | Members)[] {
  return Array.isArray(groups);
}
