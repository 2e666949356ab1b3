import {
  type Infer,
  notation,
  nothing,
  oneOf,
  onOff,
  openList,
  optional,
  required,
  wholeNumber,
} from '../../../base/yaml/shape.ts';
import type { Condition, GroupWish } from '../../../plan/profile.ts';
import { bothForms, listOrMap } from '../both-forms.ts';
import type { LayerContext } from '../layer-context.ts';
import type { MergedItem, SectionLayer } from '../layers.ts';
import { accountKey, groupName, userName } from '../notations/names.ts';
import { type EntryContext, type NamedDraft, readSection } from '../section-entries.ts';
import { readWhen, when } from '../when.ts';
import { withCondition } from '../with-condition.ts';

/** Highest number of a user or a group; the next one means "none". */
export const highestId = 2 ** 32 - 2;

const idOrAbsent = notation<number | 'absent'>({
  expected: 'a number, or absent',
  pattern: '^(absent|\\d+)$',
  allowsNumber: true,
  parse: (text) => {
    if (text === 'absent') return text;
    return /^\d{1,10}$/.test(text) && Number(text) <= highestId ? Number(text) : undefined;
  },
});

const fields = {
  gid: optional(wholeNumber(0, highestId), "The group's number.", {
    byDefault: 'the next free one',
    examples: [1500],
  }),
  system: optional(onOff, 'It is for a service: its number is a low one.', { byDefault: 'false' }),
  members: optional(openList(userName), 'Users that are in it besides those that name it themselves.', {
    examples: [['deploy']],
  }),
  absent: optional(onOff, 'Remove the group.', { byDefault: 'false' }),
  when,
};
const synonyms = { id: 'gid', users: 'members', state: 'absent' };
const { listed, mapped } = bothForms(
  'a group',
  { name: required(groupName, 'Its name.', { examples: ['docker'] }) },
  fields,
  synonyms,
);

export const groupsShape = listOrMap(
  oneOf(groupName, listed),
  { what: "a group's name", ...accountKey },
  oneOf(nothing, idOrAbsent, mapped),
);

export interface GroupDraft {
  readonly absent?: boolean;
  readonly gid?: number | undefined;
  readonly system?: boolean | undefined;
  readonly members?: readonly string[] | undefined;
  readonly when?: Condition | undefined;
}

export function readGroups(
  section: Infer<typeof groupsShape> | undefined,
  context: LayerContext,
): SectionLayer<GroupDraft> {
  return readSection(section, context, {
    fromList: (entry: string | Infer<typeof listed>, within) =>
      typeof entry === 'string' ? readEntry(entry, {}, within) : readEntry(entry.name, entry, within),
    fromMap: (name, value: null | number | 'absent' | Infer<typeof mapped>, within) => {
      if (value === 'absent') return { name, draft: { absent: true } };
      if (typeof value === 'number')
        return { name, draft: { absent: false, gid: value }, places: { gid: within.at } };
      return readEntry(name, value ?? {}, within);
    },
  });
}

function readEntry(name: string, entry: Infer<typeof mapped>, context: EntryContext): NamedDraft<GroupDraft> {
  const { absent = false, gid, system, members } = entry;
  if (absent && (gid !== undefined || members !== undefined)) {
    context.problems.error(
      context.at,
      `the group ${name} is to be absent, and has more fields`,
      'take them out, or "absent"',
    );
  }
  return {
    name,
    draft: { absent, gid, system, members, when: readWhen(entry.when, context) },
    places: gid === undefined ? {} : { gid: context.places.of(entry, 'gid') },
  };
}

export function compileGroups(
  items: readonly MergedItem<GroupDraft>[],
  { problems }: Pick<LayerContext, 'problems'>,
): readonly GroupWish[] {
  const byNumber = new Map<number, string>();
  return items.flatMap(({ name, at, draft, places }) => {
    const { absent = false, gid, system = false } = draft;
    if (!absent && gid !== undefined) {
      const other = byNumber.get(gid);
      if (other !== undefined) {
        problems.error(
          places.gid ?? at,
          `the groups ${other} and ${name} have the same number, ${gid}`,
          'give one of them another, or none',
        );
      } else byNumber.set(gid, name);
    }
    return withCondition<GroupWish>(draft.when, {
      name,
      absent,
      ...(gid !== undefined && !absent && { gid }),
      system,
    });
  });
}
