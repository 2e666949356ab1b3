import {
  contentText,
  type Infer,
  notation,
  oneOf,
  onOff,
  optional,
  required,
  text,
} from '../../../base/yaml/shape.ts';
import { bothForms, listOrMap } from '../both-forms.ts';
import type { LayerContext } from '../layer-context.ts';
import { overlay, type SectionLayer } from '../layers.ts';
import { fileGroup, owner } from '../notations/names.ts';
import { directorySource, fileMode, machinePath, pathKey, pathProblem } from '../notations/paths.ts';
import { digest, webUrl } from '../notations/url.ts';
import { readSection } from '../section-entries.ts';
import { when } from '../when.ts';
import { type FileDraft, readFile } from './read-file.ts';

const base64 = notation<string>({
  expected: 'bytes in base64',
  pattern: '^[A-Za-z0-9+/\\s]*={0,2}\\s*$',
  allowsNumber: false,
  parse: (written) => {
    const plain = written.replace(/\s+/g, '');
    const bytes = Buffer.from(plain, 'base64');
    return bytes.toString('base64').replace(/=+$/, '') === plain.replace(/=+$/, '')
      ? bytes.toString('base64')
      : { problem: 'this is not base64', hint: '`base64 FILE` writes it; a text needs "content" instead' };
  },
});

const fields = {
  content: optional(contentText, 'The text of the file. ${name} is filled in; every other ${…} stays.', {
    examples: ['Welcome to ${name}\n'],
  }),
  source: optional(text, "A local file that is copied as it is, relative to this file's folder.", {
    examples: ['./nginx.conf'],
  }),
  template: optional(text, 'A local file in which ${name} is filled in, with parameters and facts.', {
    examples: ['./app.conf.in'],
  }),
  base64: optional(base64, 'The content as base64, for bytes that are no text.'),
  url: optional(webUrl, 'Where the content is fetched from; with "digest".', {
    examples: ['https://example.org/tool'],
  }),
  digest: optional(digest, 'The SHA-256 of what "url" leads to.', { examples: ['sha256:9b8e…'] }),
  link: optional(text, 'A symbolic link to this.', { examples: ['/opt/tool/bin/tool'] }),
  directory: optional(
    directorySource,
    'true for a directory; or a local folder whose content is copied into one, relative to the folder of this file.',
    { examples: ['true', './site'] },
  ),
  absent: optional(onOff, 'There must be no such file.', { byDefault: 'false' }),
  recursive: optional(onOff, 'With "absent": remove a directory with everything in it.', {
    byDefault: 'false',
  }),
  mode: optional(fileMode, 'Permission bits in octal, in quotes.', {
    byDefault: '"0644" for files and "0755" for directories that are made; others keep theirs',
    examples: ['0644'],
  }),
  owner: optional(owner, 'Owner, or owner:group.', {
    byDefault: 'root for what is made',
    examples: ['www-data'],
  }),
  group: optional(fileGroup, 'Group.', { byDefault: 'root for what is made', examples: ['adm'] }),
  exact: optional(onOff, 'With a local "directory": remove what is not in it.', { byDefault: 'false' }),
  file_mode: optional(fileMode, 'With a local "directory": permission bits of the files in it.', {
    byDefault: 'as they are here',
  }),
  secret: optional(
    onOff,
    'Never show the content, and keep it unreadable for others wherever it is stored.',
    {
      byDefault: 'true when it takes a secret parameter',
    },
  ),
  when,
};
const synonyms = {
  text: 'content',
  inline: 'content',
  src: 'source',
  from: 'source',
  copy: 'source',
  template_file: 'template',
  contents: 'content',
  permissions: 'mode',
  user: 'owner',
  dest: 'path',
  destination: 'path',
  target: 'link',
  symlink: 'link',
  state: 'absent',
  sha256: 'digest',
  checksum: 'digest',
  recurse: 'recursive',
  purge: 'exact',
};
const { listed, mapped } = bothForms(
  'a file',
  {
    path: required(machinePath, 'Where it is in the machine; an absolute path.', { examples: ['/etc/motd'] }),
  },
  fields,
  synonyms,
);
export type FileEntry = Infer<typeof mapped>;

export const filesShape = listOrMap(listed, pathKey, oneOf(contentText, mapped));

export function readFiles(
  section: Infer<typeof filesShape> | undefined,
  context: LayerContext,
): SectionLayer<FileDraft> {
  return readSection(section, context, {
    fromList: (entry: Infer<typeof listed>, within) => readFile(entry.path, entry, within),
    fromMap: (path, value: null | string | FileEntry, within) => {
      const problem = pathProblem(path);
      if (problem) {
        context.problems.error(within.at, `files: ${problem.problem}`, problem.hint);
        return undefined;
      }
      if (value === null) return { name: path, draft: {} };
      return typeof value === 'string'
        ? { name: path, draft: { what: { kind: 'file', content: { kind: 'text', text: value } } } }
        : readFile(path, value, within);
    },
  });
}

/** An entry that says nothing of the content keeps what was inherited, but not that there is to be no file. */
export function combineFiles(below: FileDraft, above: FileDraft): FileDraft {
  const { what, ...rest } = below;
  return overlay(above.what === undefined && what?.kind === 'absent' ? rest : below, above);
}
