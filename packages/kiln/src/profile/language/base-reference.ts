import { type Infer, list, notation, oneOf, record, required } from '../../base/yaml/shape.ts';
import { digest, digestProblem, urlProblem, webUrl } from './notations/url.ts';
import type { BaseReference } from './profile-reading.ts';

/** What a file is based on: a local file, or something that has to be looked up. */
export type WrittenBase = { readonly kind: 'file'; readonly path: string } | BaseReference;

const baseText = notation<WrittenBase>({
  expected: 'a base such as ./common.yaml, store:web:1.0 or https://example.org/base.yaml@sha256:…',
  pattern: '^\\S',
  allowsNumber: false,
  parse: (text) => {
    if (text.trim() === '') return undefined;
    if (text.startsWith('store:')) {
      const name = text.slice('store:'.length);
      return /^(?:[a-z0-9]+(?:[._/-][a-z0-9]+)*(?::[\w.-]+)?|sha256:[0-9a-f]{6,64})$/.test(name)
        ? { kind: 'store', name, key: text }
        : { problem: `"${text}" names no image of the store`, hint: 'write store:name or store:name:tag' };
    }
    if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { kind: 'file', path: text };
    const [, url, hash] = /^(.*?)(?:@([A-Za-z0-9]+:.*))?$/s.exec(text)!;
    const wrong = urlProblem(url!);
    if (wrong) return wrong;
    if (hash === undefined) {
      return {
        problem: `the URL "${text}" needs a digest: what is behind it may change at any time`,
        hint: `write ${text}@sha256:… with what \`curl -fsSL ${text} | sha256sum\` prints`,
      };
    }
    return digestProblem(hash) ?? urlBase(url!, hash.slice('sha256:'.length).toLowerCase());
  },
});

const baseUrl = record(
  'a base',
  {
    url: required(webUrl, 'Where it is.', { examples: ['https://example.org/base.yaml'] }),
    digest: required(digest, 'The SHA-256 that it has.', { examples: ['sha256:9b8e…'] }),
  },
  { synonyms: { sha256: 'digest', checksum: 'digest', source: 'url' } },
);

/** One base, or several of which the later ones win. */
export const extendsShape = oneOf(baseText, baseUrl, list(oneOf(baseText, baseUrl)));

export type ExtendsEntry = Infer<typeof extendsShape>;

export function baseOf(entry: WrittenBase | Infer<typeof baseUrl>): WrittenBase {
  return 'kind' in entry ? entry : urlBase(entry.url, entry.digest);
}

function urlBase(url: string, hex: string): BaseReference {
  return { kind: 'url', name: url, digest: hex, key: `${url}@sha256:${hex}` };
}
