import type { SourceLocation } from '../../../base/errors.ts';
import {
  contentText,
  type Infer,
  oneOf,
  onOff,
  openList,
  optional,
  record,
  required,
  text,
} from '../../../base/yaml/shape.ts';
import type { Condition, Content, Repository } from '../../../plan/profile.ts';
import { bothForms, listOrMap } from '../both-forms.ts';
import type { LayerContext } from '../layer-context.ts';
import type { MergedItem, SectionLayer } from '../layers.ts';
import { aptLine } from '../notations/apt-line.ts';
import { entryKey, entryName } from '../notations/names.ts';
import { digest, repositoryUrl, webUrl } from '../notations/url.ts';
import { type EntryContext, type NamedDraft, readSection } from '../section-entries.ts';
import { readWhen, when } from '../when.ts';
import { withCondition } from '../with-condition.ts';

const key = oneOf(
  contentText,
  record(
    'a key',
    {
      url: required(webUrl, 'Where the key is.', { examples: ['https://example.org/key.asc'] }),
      digest: required(digest, 'The SHA-256 that it has.', { examples: ['sha256:9b8e…'] }),
    },
    { synonyms: { source: 'url', sha256: 'digest', checksum: 'digest' } },
  ),
);

const fields = {
  url: optional(
    oneOf(repositoryUrl, openList(repositoryUrl)),
    'Base of the archive, or several that have the same.',
    {
      examples: ['https://download.example.org/linux/debian'],
    },
  ),
  suites: optional(
    oneOf(text, openList(text)),
    'apt: what stands below dists/, such as the code name of the release; a path that ends with "/" for a flat archive.',
    {
      examples: ['${os.codename}'],
    },
  ),
  components: optional(oneOf(text, openList(text)), 'apt: parts of the archive.', {
    byDefault: 'main',
    examples: [['main', 'contrib']],
  }),
  architectures: optional(oneOf(text, openList(text)), 'apt: only these.', {
    byDefault: "the machine's own",
    examples: ['amd64'],
  }),
  key: optional(
    key,
    'The OpenPGP key that signs it: the text of an ASCII-armoured one, a local file, or url and digest. Not needed for what the distribution itself signs.',
    { examples: ['./keys/example.asc'] },
  ),
  absent: optional(onOff, 'Remove it.', { byDefault: 'false' }),
  when,
};
const synonyms = {
  urls: 'url',
  uri: 'url',
  uris: 'url',
  baseurl: 'url',
  repo: 'url',
  suite: 'suites',
  distribution: 'suites',
  codename: 'suites',
  component: 'components',
  arch: 'architectures',
  architecture: 'architectures',
  gpgkey: 'key',
  key_url: 'key',
  signed_by: 'key',
  'signed-by': 'key',
};
const { listed, mapped } = bothForms(
  'a repository',
  { name: required(entryName, 'Name of its file on the machine.', { examples: ['docker'] }) },
  fields,
  synonyms,
);

export const repositoriesShape = listOrMap(
  listed,
  { what: "a repository's name", ...entryKey },
  oneOf(aptLine, mapped),
);

export interface RepositoryDraft {
  readonly absent?: boolean;
  readonly urls?: readonly string[] | undefined;
  readonly suites?: readonly string[] | undefined;
  readonly components?: readonly string[] | undefined;
  readonly architectures?: readonly string[] | undefined;
  readonly key?: Content | undefined;
  readonly when?: Condition | undefined;
}

type Mapped = Infer<typeof mapped>;

export function readRepositories(
  section: Infer<typeof repositoriesShape> | undefined,
  context: LayerContext,
): SectionLayer<RepositoryDraft> {
  return readSection(section, context, {
    fromList: (entry: Infer<typeof listed>, within) => readEntry(entry.name, entry, within),
    fromMap: (name, value: Infer<typeof aptLine> | Mapped | null, within) => {
      if (value === null) return { name, draft: {} };
      return 'kind' in value ? { name, draft: lineDraft(value) } : readEntry(name, value, within);
    },
  });
}

function lineDraft(line: Infer<typeof aptLine>): RepositoryDraft {
  if (line.kind === 'absent') return { absent: true };
  const { url, suite, components, architectures } = line;
  return {
    absent: false,
    urls: [url],
    suites: [suite],
    components,
    ...(architectures.length > 0 && { architectures }),
  };
}

function readEntry(name: string, entry: Mapped, context: EntryContext): NamedDraft<RepositoryDraft> {
  const { problems } = context;
  const { url, key: written, absent } = entry;
  if (absent && url !== undefined) {
    problems.error(
      context.at,
      `the repository ${name} is to be absent, and has a url too`,
      'take one of them out',
    );
  }
  return {
    name,
    draft: {
      absent: absent ?? false,
      urls: words(url),
      suites: words(entry.suites),
      components: words(entry.components),
      architectures: words(entry.architectures),
      key: written === undefined ? undefined : readKey(written, context.places.of(entry, 'key'), context),
      when: readWhen(entry.when, context),
    },
  };
}

function words(given: string | readonly string[] | undefined): readonly string[] | undefined {
  if (given === undefined) return undefined;
  return typeof given === 'string' ? given.split(/\s+/).filter((word) => word !== '') : given;
}

/** A key's text, a file with it, or a URL. */
export function readKey(
  written: Infer<typeof key>,
  at: SourceLocation,
  { files, problems }: Pick<LayerContext, 'files' | 'problems'>,
): Content | undefined {
  if (typeof written !== 'string') return { kind: 'url', url: written.url, digest: written.digest };
  const armoured = written.includes('\n') || written.startsWith('-----') ? written : files.text(written, at);
  if (armoured === undefined) return undefined;
  if (/-----BEGIN PGP PRIVATE KEY BLOCK-----/.test(armoured)) {
    problems.error(at, 'this is a private key', 'give the public one: `gpg --armor --export NAME`');
    return undefined;
  }
  if (!/-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]*-----END PGP PUBLIC KEY BLOCK-----/.test(armoured)) {
    problems.error(
      at,
      'the key is not an ASCII-armoured OpenPGP key',
      'it begins with "-----BEGIN PGP PUBLIC KEY BLOCK-----"; `gpg --enarmor < KEY` makes one of a binary key',
    );
    return undefined;
  }
  return { kind: 'text', text: armoured };
}

export function compileRepositories(
  items: readonly MergedItem<RepositoryDraft>[],
  { problems }: Pick<LayerContext, 'problems'>,
): readonly Repository[] {
  return items.flatMap(({ name, at, draft }) => {
    const { absent = false, urls = [], suites = [], key: content } = draft;
    if (!absent && urls.length === 0) {
      problems.error(
        at,
        `the repository ${name} needs "url"`,
        'say where it is, or "absent: true" to remove it',
      );
    }
    const isFlat = suites.every((suite) => suite.endsWith('/'));
    const components = draft.components ?? (suites.length === 0 || isFlat ? [] : ['main']);
    if (isFlat && suites.length > 0 && components.length > 0) {
      problems.error(
        at,
        `the repository ${name} is a flat one (its suite ends with "/"), which has no components`,
        'take "components" out, or the "/"',
      );
    }
    return withCondition<Repository>(draft.when, {
      name,
      absent,
      urls,
      suites,
      components,
      architectures: draft.architectures ?? [],
      ...(content && { key: content }),
    });
  });
}
