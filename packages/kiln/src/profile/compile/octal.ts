/** Permission bits as `stat -c %a` prints them; nothing for those that are left as they are. */
export function octal(mode: number | undefined): string {
  return mode === undefined ? '' : mode.toString(8);
}
