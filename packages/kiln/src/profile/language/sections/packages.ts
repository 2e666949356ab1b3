import { type Infer, nothing, oneOf, onOff, optional, required } from '../../../base/yaml/shape.ts';

import type { Condition, PackageWish } from '../../../plan/profile.ts';
import { bothForms, listOrMap } from '../both-forms.ts';
import type { LayerContext } from '../layer-context.ts';
import { type MergedItem, overlay, type SectionLayer } from '../layers.ts';
import { packageName, packageNameKey, packageState, packageWord } from '../notations/package-word.ts';
import { type EntryContext, type NamedDraft, readSection } from '../section-entries.ts';
import { readWhen, when } from '../when.ts';
import { withCondition } from '../with-condition.ts';

const fields = {
  version: optional(
    packageState,
    'The exact version, one with * for the rest, or latest: then every run brings it up to date. What is installed stays when it is not given.',
    { examples: ['1.22.1-9', '1.22.*', 'latest'] },
  ),
  absent: optional(onOff, 'Remove the package.', { byDefault: 'false' }),
  held: optional(onOff, 'Keep the package at its version when others are upgraded.', {
    byDefault: 'left as it is',
  }),
  when,
};
const synonyms = {
  state: 'absent',
  ensure: 'absent',
  hold: 'held',
  pin: 'held',
  package: 'name',
  pkg: 'name',
};

const { listed, mapped } = bothForms(
  'a package',
  { name: required(packageName, 'Its name, as the package manager has it.', { examples: ['nginx'] }) },
  fields,
  synonyms,
);

export const packagesShape = listOrMap(
  oneOf(packageWord, listed),
  packageNameKey,
  oneOf(nothing, packageState, mapped),
);

export interface PackageDraft {
  readonly absent?: boolean;
  readonly version?: string | undefined;
  readonly held?: boolean | undefined;
  readonly when?: Condition | undefined;
}

export function readPackages(
  section: Infer<typeof packagesShape> | undefined,
  context: LayerContext,
): SectionLayer<PackageDraft> {
  return readSection(section, context, {
    fromList: (entry: Infer<typeof packageWord> | Infer<typeof listed>, within) =>
      readEntry(entry.name, entry, within),
    fromMap: (name, value: null | string | Infer<typeof mapped>, within) =>
      readEntry(name, typeof value === 'string' ? { version: value } : (value ?? {}), within),
  });
}

function readEntry(
  name: string,
  entry: Infer<typeof mapped>,
  context: EntryContext,
): NamedDraft<PackageDraft> {
  const { version, held, when: condition } = entry;
  const isAbsent = entry.absent === true || version === 'absent';
  if (entry.absent === true && (version !== undefined || held === true)) {
    context.problems.error(
      context.at,
      `the package ${name} is to be absent, and has ${version !== undefined ? 'a version' : '"held"'} too`,
      'take one of them out',
    );
  }
  return {
    name,
    draft: {
      absent: isAbsent,
      version: isAbsent ? undefined : version,
      held,
      when: readWhen(condition, context),
    },
  };
}

/** What is wanted again has no version from before it was to be absent, and what is absent has none at all. */
export function combinePackages(below: PackageDraft, above: PackageDraft): PackageDraft {
  const { held: _held, version: _version, ...rest } = below;
  return overlay(above.absent || below.absent ? rest : below, above);
}

/** Debian's policy (5.6.1); other systems are laxer. */
const debianName = /^[a-z0-9][a-z0-9+.-]+(?::[a-z0-9-]+)?$/;

export function compilePackages(
  items: readonly MergedItem<PackageDraft>[],
  distribution: string | undefined,
  { problems }: Pick<LayerContext, 'problems'>,
): readonly PackageWish[] {
  return items.flatMap(({ name, at, draft }) => {
    if (distribution && ['debian', 'ubuntu'].includes(distribution) && !debianName.test(name)) {
      const guess = name.toLowerCase().replaceAll('_', '-');
      problems.error(
        at,
        `"${name}" cannot be a package of ${distribution}`,
        debianName.test(guess)
          ? `did you mean "${guess}"?`
          : 'names there have at least two of small letters, digits, "+", "-" and "."',
      );
    }
    const { absent, version, held } = draft;
    return withCondition<PackageWish>(draft.when, {
      name,
      state: absent ? 'absent' : version === 'latest' ? 'latest' : 'present',
      ...(version !== undefined && version !== 'latest' && { version }),
      ...(held !== undefined && { held }),
    });
  });
}
