import type { FileWish } from '../../plan/profile.ts';
import type { CapturedProfile } from './captured-profile.ts';
import { plainText } from './inline-text.ts';

/** The same with everything in the profile itself: for where there is no folder for files. */
export function inlineFiles(captured: CapturedProfile): CapturedProfile {
  const { profile, files } = captured;
  const inline = (wish: FileWish): FileWish => {
    if (wish.kind !== 'file' || wish.content?.kind !== 'local') return wish;
    const file = files.get(wish.content.path.replace(/^\.\//, ''));
    if (!file) return wish;
    const text = plainText(file.bytes);
    const base64 = Buffer.from(file.bytes).toString('base64');
    return { ...wish, content: text === undefined ? { kind: 'bytes', base64 } : { kind: 'text', text } };
  };
  return { ...captured, profile: { ...profile, files: profile.files.map(inline) }, files: new Map() };
}
