import { KilnError } from '../base/errors.ts';
import { isTemporaryName } from './temporary-names.ts';

/** How people name an image of the store: by tag, or by the start of its id. */
export type ImageReference =
  | { readonly kind: 'tag'; readonly name: string; readonly tag: string; readonly text: string }
  | { readonly kind: 'id'; readonly prefix: string; readonly text: string };

const namePattern = /^[a-z0-9]+(?:[._/-][a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const longestName = 200;

/**
 * Reads `name`, `name:tag` or `sha256:` with at least six hex digits. The tag is `latest` when there is none.
 * @throws KilnError `bad-usage`
 */
export function parseImageReference(text: string): ImageReference {
  if (text.startsWith('sha256:')) {
    const prefix = text.slice('sha256:'.length).toLowerCase();
    if (!/^[0-9a-f]{6,64}$/.test(prefix)) {
      throw new KilnError('bad-usage', `"${text}" is not an image id`, {
        hint: 'an id is sha256: and 6 to 64 hexadecimal digits',
      });
    }
    return { kind: 'id', prefix, text };
  }
  const colon = text.lastIndexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const tag = colon < 0 ? 'latest' : text.slice(colon + 1);
  checkImageName(name);
  if (!tagPattern.test(tag) || isTemporaryName(tag)) {
    throw new KilnError('bad-usage', `"${tag}" is not a tag`, {
      hint: 'a tag has letters, digits, dots, dashes and underscores, 128 at most, and starts with a letter or digit',
    });
  }
  return { kind: 'tag', name, tag, text };
}

/** @throws KilnError `bad-usage` */
export function checkImageName(name: string): void {
  if (namePattern.test(name) && name.length <= longestName && name !== 'sha256') return;
  throw new KilnError('bad-usage', `"${name}" is not an image name`, {
    hint: 'a name has lower-case letters and digits, with single dots, dashes, underscores or slashes between',
  });
}

/** The reference as `name:tag`. @throws KilnError `bad-usage` for an id, which nothing can be called */
export function tagReference(text: string): { readonly name: string; readonly tag: string } {
  const reference = parseImageReference(text);
  if (reference.kind === 'tag') return reference;
  throw new KilnError('bad-usage', `"${text}" is an id, not a name to give`, {
    hint: 'use a name such as web or web:1.0',
  });
}
