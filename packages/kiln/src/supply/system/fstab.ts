import { treePath } from './path-names.ts';

/** A line of fstab(5). */
export interface FstabLine {
  /** As written: `UUID=…`, `LABEL=…`, `/dev/vda1`. */
  readonly device: string;
  /** Where it is mounted, as a path of a tree; empty for the root. */
  readonly folder: string;
}

/** The filesystems that a system mounts at its start. Swap, and what is mounted nowhere, is left out. */
export function parseFstab(text: string): FstabLine[] {
  const lines: FstabLine[] = [];
  for (const line of text.split('\n')) {
    const [device, folder] = line.trim().split(/\s+/);
    if (!device || device.startsWith('#') || !folder?.startsWith('/')) continue;
    // Blanks in names are written in octal.
    const name = folder.replace(/\\([0-7]{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
    lines.push({ device, folder: treePath(name) });
  }
  return lines;
}
