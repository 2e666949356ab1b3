/** The path of a tree as text: its bytes are UTF-8 nearly always; those that are not are written `\xNN`. */
export function pathText(path: string): string {
  if (/^[\x20-\x7e]*$/.test(path)) return path;
  const bytes = Buffer.from(path, 'latin1');
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) return text;
  return path.replace(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** The path as a tree has it of an absolute or relative path that a user or a database gives as text. */
export function treePath(text: string): string {
  const names = Buffer.from(text, 'utf8')
    .toString('latin1')
    .split('/')
    .filter((name) => name !== '' && name !== '.');
  return names.join('/');
}
