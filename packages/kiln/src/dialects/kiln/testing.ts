import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { formatDiagnostic } from '../../base/diagnostics.ts';
import type { Plan } from '../../plan/plan.ts';
import { type KilnYamlInput, readKilnYaml } from './read-kiln-yaml.ts';

type Extras = Partial<Pick<KilnYamlInput, 'variables' | 'env' | 'hostCpus'>>;

/** Reads a text as the kiln.yaml of an empty folder, or of the one given. */
export function read(t: TestContext, text: string, extras: Extras & { folder?: string } = {}) {
  const folder = extras.folder ?? temporaryFolder(t);
  const file = join(folder, 'kiln.yaml');
  const { plan, diagnostics } = readKilnYaml({ file, text, variables: {}, env: {}, hostCpus: 4, ...extras });
  const messages = diagnostics.map((one) =>
    formatDiagnostic(one).replaceAll(`${folder}/`, '').replaceAll(folder, 'FOLDER'),
  );
  return { plan, folder, messages };
}

/** The plan of a text that must be right. */
export function planOf(t: TestContext, text: string, extras: Extras & { folder?: string } = {}): Plan {
  const { plan, messages } = read(t, text, extras);
  if (!plan) throw new Error(`the text was refused:\n${messages.join('\n')}`);
  return plan;
}

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-yaml-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
