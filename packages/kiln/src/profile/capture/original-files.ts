import type { Inventory, InventoryFile } from '../inventory/inventory.ts';

/**
 * The files that a system has for settings. A setting is captured in words only where applying these words would leave
 * the files as they are, so that a check of the captured system finds nothing; elsewhere the files are captured.
 */
export class OriginalFiles {
  readonly #files: ReadonlyMap<string, InventoryFile>;
  readonly #texts: ReadonlyMap<string, string>;

  /** @param texts of files that may be written down, by path */
  constructor(inventory: Inventory, texts: ReadonlyMap<string, string>) {
    this.#files = new Map(inventory.files.map((file) => [file.path, file]));
    this.#texts = texts;
  }

  /** Whether a file is there with exactly this content, these bits and this owner. */
  is(path: string, text: string, mode: number, uid = 0, gid = 0): boolean {
    return this.#texts.get(path) === text && this.#has(path, 'file', mode, uid, gid);
  }

  isFolder(path: string, mode: number, uid: number, gid: number): boolean {
    return this.#has(path, 'directory', mode, uid, gid);
  }

  /** The text of a unit's file, when it is root's and everybody may read it, as units are. */
  unit(path: string): string | undefined {
    return this.#has(path, 'file', 0o644, 0, 0) ? this.#texts.get(path) : undefined;
  }

  #has(path: string, kind: InventoryFile['kind'], mode: number, uid: number, gid: number): boolean {
    const file = this.#files.get(path);
    return file?.kind === kind && file.mode === mode && file.uid === uid && file.gid === gid;
  }
}

/** Lines as a file of them. */
export function linesText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
