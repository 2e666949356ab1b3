import type { SourceLocation } from '../../../base/errors.ts';
import { type NotationProblem, notation } from '../../../base/yaml/shape.ts';
import type { UserWish } from '../../../plan/profile.ts';
import type { LayerContext } from '../layer-context.ts';

/** Methods of crypt(5) that are a `$` with letters, then salt and hash. */
const hash = /^\$(?:y|gy|7|2[abxy]|6|5|1|sha1|md5)\$[!-9;-~]{8,}$/;

/** A password as it is written: one in clear is to be refused by whoever reads it, who also hides it. */
export type WrittenPassword = NonNullable<UserWish['password']> | ClearPassword;

export interface ClearPassword {
  readonly kind: 'clear';
  readonly text: string;
}

/** A crypt(5) hash, or `locked`. */
export const password = notation<WrittenPassword>({
  expected: 'a hash such as "$6$…", or locked',
  pattern: '^(locked|[!*].*|\\$.+)$',
  allowsNumber: true,
  // `$6$…` is no reference, and neither is what is left of it when a hash happens to have `${` in it.
  script: true,
  parse: (text) => parsePassword(text),
});

export function parsePassword(text: string): WrittenPassword | NotationProblem {
  if (/^(?:locked|[!*].{0,2}|\*LK\*)$/.test(text)) return { kind: 'locked' };
  if (text.startsWith('!') && hash.test(text.replace(/^!+/, ''))) return { kind: 'locked' };
  if (hash.test(text)) return { kind: 'hash', hash: text };
  if (text.startsWith('$')) {
    return {
      problem: 'this is no whole hash of crypt(5)',
      hint: 'put single quotes around it, and copy all of it; `openssl passwd -6` makes one',
    };
  }
  return { kind: 'clear', text };
}

/** Refuses a password in clear, and keeps it out of every message and output. */
export function refuseClear(
  { text }: ClearPassword,
  at: SourceLocation,
  { problems, conceal }: Pick<LayerContext, 'problems' | 'conceal'>,
): undefined {
  conceal(text);
  problems.error(
    at,
    'the password stands here in clear, where everybody who has the file or the image can read it',
    'write its hash: `openssl passwd -6` asks for the password and prints one; or "locked", and use SSH keys',
  );
  return undefined;
}
