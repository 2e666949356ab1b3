import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../base/processes.ts';

export interface DiffSide {
  readonly label: string;
  readonly text: string;
}

/**
 * How two texts differ, in the unified format, from the program `diff`.
 * @throws KilnError `tool-missing`
 */
export async function unifiedDiff(before: DiffSide, after: DiffSide): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-diff-'));
  try {
    const paths = [join(folder, 'old'), join(folder, 'new')] as const;
    await writeFile(paths[0], before.text);
    await writeFile(paths[1], after.text);
    const labels = [before.label, after.label].map((label) => `--label=${label}`);
    const { stdout } = await run('diff', ['-u', ...labels, ...paths]);
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
