import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fromFolder } from '../../base/yaml/notations.ts';
import type { FileStep, StepBase } from '../../plan/step.ts';
import type { OneStepContext } from './compile-steps.ts';
import type { StepEntry } from './step-fields.ts';

type CopyValue = Extract<StepEntry, { readonly action: 'copy' }>['value'];
type FetchValue = Extract<StepEntry, { readonly action: 'fetch' }>['value'];

export function compileCopy(value: CopyValue, base: StepBase, context: OneStepContext): readonly FileStep[] {
  const { problems, places } = context;
  const { from, content, to } = value;
  if ((from === undefined) === (content === undefined)) {
    problems.error(
      places.of(value),
      from === undefined ? 'copy needs "from" or "content"' : 'copy has "from" or "content", not both',
    );
    return [];
  }
  if (!to.startsWith('/')) {
    problems.error(
      places.of(value, 'to'),
      `"${to}" is not an absolute path`,
      'write where in the machine, from "/" on',
    );
    return [];
  }
  if (content !== undefined && to.endsWith('/')) {
    problems.error(places.of(value, 'to'), `"${to}" is a folder`, 'name the file that gets the content');
    return [];
  }
  // A trailing slash carries meaning, and resolving a path would drop it.
  const path = from === undefined ? undefined : withSlash(fromFolder(context.folder, from), from);
  if (path !== undefined && !context.generated && !existsSync(path)) {
    problems.error(places.of(value, 'from'), `there is no file or folder "${from}" in ${context.folder}`);
    return [];
  }
  return [
    {
      name: from === undefined ? `write ${to}` : `copy ${from} to ${to}`,
      ...base,
      kind: 'file',
      direction: 'upload',
      sources: path === undefined ? [] : [path],
      ...(content !== undefined && { content }),
      destination: to,
      generated: context.generated,
      ...(value.mode !== undefined && { mode: value.mode }),
      owner: value.owner ?? 'root',
      asRoot: true,
    },
  ];
}

export function compileFetch(
  value: FetchValue,
  base: StepBase,
  context: OneStepContext,
): readonly FileStep[] {
  const { problems, places, folder } = context;
  if (!value.from.startsWith('/')) {
    problems.error(places.of(value, 'from'), `"${value.from}" is not an absolute path`);
    return [];
  }
  const to = withSlash(fromFolder(folder, value.to), value.to);
  if (!to.endsWith('/') && !existsSync(dirname(to)) && !context.generated) {
    problems.warning(places.of(value, 'to'), `the folder ${dirname(to)} does not exist yet; it will be made`);
  }
  return [
    {
      name: `fetch ${value.from}`,
      ...base,
      kind: 'file',
      direction: 'download',
      sources: [value.from],
      destination: to,
      generated: false,
    },
  ];
}

function withSlash(path: string, written: string): string {
  return written.endsWith('/') && !path.endsWith('/') ? `${path}/` : path;
}
