import { formatDiagnostic } from '../../base/diagnostics.ts';
import type { Build } from '../../plan/plan.ts';
import { type PackerJsonInput, type PackerJsonResult, readPackerJson } from './json/read-packer-json.ts';

/** Reads a template as the command `build t.json` in /project would. For tests. */
export function readTemplate(template: unknown, more: Partial<PackerJsonInput> = {}): PackerJsonResult {
  return readPackerJson({
    file: 't.json',
    text: typeof template === 'string' ? template : JSON.stringify(template),
    cwd: '/project',
    env: { HOME: '/home/ann' },
    variables: {},
    variableFiles: [],
    only: [],
    except: [],
    startedAt: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)),
    ...more,
  });
}

/** Everything that is said about a template, as people see it but for the file's name. */
export function complaints({ diagnostics }: PackerJsonResult): readonly string[] {
  return diagnostics.map((one) => formatDiagnostic(one).replace(/^t\.json:/, ''));
}

/** The builds of a template that has no mistakes. */
export function buildsOf(result: PackerJsonResult): readonly Build[] {
  if (!result.plan) throw new Error(complaints(result).join('\n'));
  return result.plan.builds;
}
