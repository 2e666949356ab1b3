import { enumerate } from '../../../base/yaml/words.ts';
import type { Condition, Content } from '../../../plan/profile.ts';
import { fillTemplate } from '../fill-template.ts';
import type { EntryContext, NamedDraft } from '../section-entries.ts';
import { readWhen } from '../when.ts';
import type { FileEntry } from './files.ts';

/** What is to be at a path. */
export type FileContent =
  | { readonly kind: 'file'; readonly content: Content }
  | { readonly kind: 'directory'; readonly source?: string }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'absent' };

export interface FileDraft {
  /** Undefined: it must be there, with the attributes that are given. */
  readonly what?: FileContent | undefined;
  readonly mode?: number | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly exact?: boolean | undefined;
  readonly fileMode?: number | undefined;
  readonly recursive?: boolean | undefined;
  readonly secret?: boolean | undefined;
  readonly when?: Condition | undefined;
}

/** Fields that say what is at the path; only one of them may be given. */
const contents = ['content', 'source', 'template', 'base64', 'url', 'link', 'directory', 'absent'] as const;

/** Fields that have a meaning only beside others. */
const companions = [
  ['digest', ['url']],
  ['recursive', ['absent']],
  ['exact', ['directory']],
  ['file_mode', ['directory']],
  ['secret', ['content', 'source', 'template', 'base64', 'url']],
] as const;

/** Reads an entry for one path. */
export function readFile(
  path: string,
  entry: FileEntry,
  context: EntryContext,
): NamedDraft<FileDraft> | undefined {
  const { problems, places } = context;
  const given = contents.filter((name) => entry[name] !== undefined && entry[name] !== false);
  const [first, second] = given;
  if (second !== undefined) {
    problems.error(
      places.of(entry, second),
      `${path} has ${enumerate(given, 'and')}, and can be only one thing`,
      `keep "${first}", or "${second}"`,
    );
    return undefined;
  }
  for (const [name, needs] of companions) {
    if (entry[name] === undefined || (needs as readonly string[]).includes(first ?? 'content')) continue;
    problems.error(
      places.of(entry, name),
      `"${name}" of ${path} has no meaning without ${enumerate(
        needs.map((one) => `"${one}"`),
        'or',
      )}`,
      `take it out, or add ${enumerate(
        needs.map((one) => `"${one}"`),
        'or',
      )}`,
    );
  }
  const what = first === undefined ? undefined : readContent(path, first, entry, context);
  if (first !== undefined && what === undefined) return undefined;
  checkAttributes(path, first, entry, context);
  return {
    name: path,
    draft: {
      what,
      mode: entry.mode,
      owner: entry.owner?.owner,
      group: entry.group ?? entry.owner?.group,
      exact: entry.exact,
      fileMode: entry.file_mode,
      recursive: entry.recursive,
      secret: entry.secret,
      when: readWhen(entry.when, context),
    },
  };
}

function readContent(
  path: string,
  field: (typeof contents)[number],
  entry: FileEntry,
  context: EntryContext,
): FileContent | undefined {
  const { problems, places, files } = context;
  const at = places.of(entry, field);
  switch (field) {
    case 'content':
      return textFile(entry.content!);
    case 'template': {
      const source = files.text(entry.template!, at);
      const shown = files.shown(entry.template!);
      return source === undefined
        ? undefined
        : textFile(fillTemplate(shown, source, context.scope, problems));
    }
    case 'source': {
      const local = files.file(entry.source!, at);
      return local === undefined ? undefined : { kind: 'file', content: { kind: 'local', path: local } };
    }
    case 'base64':
      return { kind: 'file', content: { kind: 'bytes', base64: entry.base64! } };
    case 'url': {
      if (entry.digest !== undefined) {
        return { kind: 'file', content: { kind: 'url', url: entry.url!, digest: entry.digest } };
      }
      if (places.has(entry, 'digest')) return undefined;
      problems.error(
        at,
        `the URL of ${path} needs "digest": what is behind it may change at any time`,
        `write digest: sha256:…, which \`curl -fsSL ${entry.url} | sha256sum\` prints`,
      );
      return undefined;
    }
    case 'link':
      if (entry.link !== '' && !/[\0\n]/.test(entry.link!)) return { kind: 'link', target: entry.link! };
      problems.error(at, `"link" of ${path} is no path`, 'write what the link leads to');
      return undefined;
    case 'directory': {
      if (entry.directory === true) return { kind: 'directory' };
      const source = files.folder(entry.directory as string, at);
      return source === undefined ? undefined : { kind: 'directory', source };
    }
    case 'absent':
      return { kind: 'absent' };
  }
}

function textFile(text: string): FileContent {
  return { kind: 'file', content: { kind: 'text', text } };
}

/** Links and what is absent have no attributes of their own. */
function checkAttributes(
  path: string,
  what: (typeof contents)[number] | undefined,
  entry: FileEntry,
  { problems, places }: EntryContext,
): void {
  for (const name of ['mode', 'owner', 'group'] as const) {
    if (entry[name] === undefined || (what !== 'link' && what !== 'absent')) continue;
    problems.error(
      places.of(entry, name),
      `${path} is ${what === 'link' ? 'a link' : 'to be absent'} and has no ${name}`,
      `take "${name}" out`,
    );
  }
  if (entry.group !== undefined && entry.owner?.group !== undefined && entry.group !== entry.owner.group) {
    problems.error(
      places.of(entry, 'group'),
      `${path} has two groups, ${entry.owner.group} and ${entry.group}`,
      'give it once',
    );
  }
}
