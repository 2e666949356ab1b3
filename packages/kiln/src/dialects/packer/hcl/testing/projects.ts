import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { formatDiagnostic } from '../../../../base/diagnostics.ts';
import type { Build } from '../../../../plan/plan.ts';
import { openPackerHcl, type PackerHclInput } from '../open-project.ts';
import type { PackerHclProject, PackerHclResult } from '../packer-project.ts';
import type { Selection } from '../select-builds.ts';

/** Files of a project by their names. A single text is the file `t.pkr.hcl`. */
export type ProjectFiles = string | Readonly<Record<string, string>>;

/** Writes a project's files into a folder of their own. */
export async function writeProject(t: TestContext, files: ProjectFiles): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-hcl-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(typeof files === 'string' ? { 't.pkr.hcl': files } : files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** Opens a project as a command in its folder would: by its only file, or as the folder `.`. */
export async function openProject(
  t: TestContext,
  files: ProjectFiles,
  more: Partial<PackerHclInput> = {},
): Promise<PackerHclProject> {
  const cwd = await writeProject(t, files);
  return openPackerHcl({
    file: typeof files === 'string' ? 't.pkr.hcl' : '.',
    cwd,
    env: { HOME: cwd },
    variables: {},
    variableFiles: [],
    startedAt: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)),
    ...more,
  });
}

/** Reads a project into a plan. */
export async function readProject(
  t: TestContext,
  files: ProjectFiles,
  more: Partial<PackerHclInput & Selection> = {},
): Promise<PackerHclResult> {
  const project = await openProject(t, files, more);
  return project.plan({ only: more.only ?? [], except: more.except ?? [] });
}

/** Everything that is said about a project, as people see it but for the name of the usual file. */
export function complaints({ diagnostics }: Pick<PackerHclResult, 'diagnostics'>): readonly string[] {
  return diagnostics.map((one) => formatDiagnostic(one).replace(/^t\.pkr\.hcl:/, ''));
}

/** The builds of a project that has no mistakes. */
export function buildsOf(result: PackerHclResult): readonly Build[] {
  if (!result.plan) throw new Error(complaints(result).join('\n'));
  return result.plan.builds;
}
