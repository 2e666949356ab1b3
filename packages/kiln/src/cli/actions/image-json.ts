import type { ListedImage } from '../../store/store.ts';

/** An image as `--json` shows it. Sizes in bytes. */
export function imageJson({ record, references, bytes, ownBytes, usedBy }: ListedImage): object {
  return { ...record, references, bytes, ownBytes, usedBy };
}

/** The id as people see it. */
export function shortId(id: string): string {
  return `sha256:${id.slice(0, 12)}`;
}

/** `2026-11-23 23:24`, in this host's time zone. */
export function shortTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
