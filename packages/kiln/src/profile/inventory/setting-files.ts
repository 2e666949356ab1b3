import type { InventoryFile } from './inventory.ts';
import type { Survey } from './survey.ts';
import { plainLines, textOf } from './text-lines.ts';

/** Files with settings that somebody has made, and which of them have nothing in them beside settings that were read. */
export class SettingFiles {
  readonly #survey: Survey;
  readonly #told: ReadonlySet<string>;
  readonly #whole = new Map<string, Set<string>>();
  readonly #mixed = new Set<string>();

  constructor(survey: Survey, files: readonly InventoryFile[]) {
    this.#survey = survey;
    this.#told = new Set(
      files.filter(({ state }) => state === 'own' || state === 'changed').map(({ path }) => path),
    );
  }

  /** Paths of such files directly in a folder, sorted. */
  in(folder: string, suffix: string): string[] {
    return [...this.#survey.contents.keys()]
      .filter(
        (path) =>
          path.startsWith(`${folder}/`) &&
          !path.slice(folder.length + 1).includes('/') &&
          path.endsWith(suffix),
      )
      .filter((path) => this.#told.has(path))
      .sort();
  }

  /** Lines with something in them; undefined for a file that is not there or is as its package brought it. */
  lines(path: string, comment = '#'): string[] | undefined {
    return this.#told.has(path) ? plainLines(textOf(this.#survey, path), comment) : undefined;
  }

  /**
   * The file has settings of that name in it.
   * @param whole and nothing else
   */
  took(setting: string, path: string, whole: boolean): void {
    if (!this.#told.has(path)) return;
    if (!whole) this.#mixed.add(setting);
    const known = this.#whole.get(setting) ?? new Set();
    this.#whole.set(setting, known.add(path));
  }

  /** Files by setting; only of settings that stand nowhere else than in such files. */
  whole(): Record<string, string[]> {
    const found = [...this.#whole].filter(([setting]) => !this.#mixed.has(setting));
    return Object.fromEntries(found.map(([setting, paths]) => [setting, [...paths].sort()]));
  }
}
