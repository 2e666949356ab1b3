import type { FileWish } from '../../../plan/profile.ts';
import type { LayerContext } from '../layer-context.ts';
import type { MergedItem } from '../layers.ts';
import { withCondition } from '../with-condition.ts';
import type { FileDraft } from './read-file.ts';

/** @param hasSecret whether a text has the value of a secret parameter in it */
export function compileFiles(
  items: readonly MergedItem<FileDraft>[],
  hasSecret: (text: string) => boolean,
  context: Pick<LayerContext, 'problems'>,
): readonly FileWish[] {
  checkParents(items, context);
  return items.flatMap((item) => withCondition<FileWish>(item.draft.when, wish(item, hasSecret)));
}

function wish({ name: path, draft }: MergedItem<FileDraft>, hasSecret: (text: string) => boolean): FileWish {
  const { what, mode, owner, group } = draft;
  const attributes = {
    ...(mode !== undefined && { mode }),
    ...(owner !== undefined && { owner }),
    ...(group !== undefined && { group }),
  };
  switch (what?.kind) {
    case 'absent':
      return { path, kind: 'absent', recursive: draft.recursive ?? false };
    case 'link':
      return { path, kind: 'link', target: what.target };
    case 'directory':
      return {
        path,
        kind: 'directory',
        ...(what.source !== undefined && { source: what.source }),
        exact: draft.exact ?? false,
        ...attributes,
        ...(draft.fileMode !== undefined && { fileMode: draft.fileMode }),
      };
    default: {
      const content = what?.content;
      const isSecret = draft.secret ?? (content?.kind === 'text' && hasSecret(content.text));
      return { path, kind: 'file', ...(content && { content }), ...attributes, secret: isSecret };
    }
  }
}

/** Nothing can be in something that is no directory. */
function checkParents(
  items: readonly MergedItem<FileDraft>[],
  { problems }: Pick<LayerContext, 'problems'>,
): void {
  const closed = new Map(
    items
      .filter(({ draft: { what } }) => what !== undefined && what.kind !== 'directory')
      .map((item) => [item.name, item]),
  );
  for (const { name, at, draft } of items) {
    if (draft.what === undefined || draft.what.kind === 'absent') continue;
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      const parent = closed.get(name.slice(0, end));
      // Of two with conditions, perhaps only one is ever there.
      if (!parent || parent.draft.when || draft.when) continue;
      const words = { file: 'a file', link: 'a link', absent: 'to be absent', directory: '' }[
        parent.draft.what!.kind
      ];
      problems.error(
        at,
        `${name} cannot be there, because ${parent.name} is ${words} (line ${parent.at.line})`,
        `write "directory: true" for ${parent.name}, or choose another path`,
      );
    }
  }
}
