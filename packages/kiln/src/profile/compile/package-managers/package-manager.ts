import type { Content, PackageWish, Repository } from '../../../plan/profile.ts';

/** What Kiln knows of a distribution's way to install packages. */
export interface PackageManager {
  readonly name: PackageManagerName;
  /** Functions of shell, as shell/packages.ts describes them. */
  readonly library: string;
  /** The files that make a repository known, first what others need. A file without content is to be absent. */
  repositoryFiles(repository: Repository, key: RepositoryKey | undefined): readonly RepositoryFile[];
  /** Shell that says whether the machine has the repository in files that are not Kiln's, and the functions it calls. */
  standsElsewhere?(repository: Repository): { readonly library: string; readonly condition: string };
  /** What it cannot do of a wish, as a sentence. */
  obstacle?(wish: PackageWish): string | undefined;
}

export type PackageManagerName = 'apt' | 'dnf' | 'zypper' | 'apk';

export interface RepositoryKey {
  readonly content: Content;
  /** Armoured, as text; else binary. */
  readonly armoured: boolean;
}

export type RepositoryFile =
  | { readonly kind: 'file'; readonly path: string; readonly content: Content }
  | { readonly kind: 'absent'; readonly path: string }
  /** Lines of a file that has others too: those between the marks of this name are all that it has of it. */
  | {
      readonly kind: 'block';
      readonly path: string;
      readonly name: string;
      readonly lines: readonly string[];
    };

export function textFile(path: string, lines: readonly string[]): RepositoryFile {
  return { kind: 'file', path, content: { kind: 'text', text: lines.map((line) => `${line}\n`).join('') } };
}
