import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A project to be evaluated, as data. */
export interface ProjectCase {
  /** What is special about it. */
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: virtualbox. */
  readonly provider?: string;
  /** The folder, below the project's, that the command is given in. */
  readonly from?: string;
}

export interface WrittenProject {
  readonly folder: string;
  /** Where the command is given. */
  readonly from: string;
  remove(): void;
}

/** Writes a project's files to a temporary folder of their own. */
export function writeProject({ files, from }: Pick<ProjectCase, 'files' | 'from'>): WrittenProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'kiln-vagrant-')));
  const folder = join(root, 'project');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return {
    folder,
    from: from === undefined ? folder : join(folder, from),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
