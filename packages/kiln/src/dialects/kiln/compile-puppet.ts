import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Copy } from '../../plan/copy.ts';
import type { PuppetStep } from '../../plan/puppet-step.ts';
import type { StepBase } from '../../plan/step.ts';
import type { OneStepContext } from './compile-steps.ts';
import { localPath } from './local-path.ts';
import type { StepEntry } from './step-fields.ts';

type PuppetValue = Extract<StepEntry, { readonly action: 'puppet' }>['value'];
type PuppetFields = Exclude<PuppetValue, string>;

/** A manifest that is applied in the machine as root, with what it needs. */
export function compilePuppet(
  value: PuppetValue,
  base: StepBase,
  context: OneStepContext,
): readonly PuppetStep[] {
  const fields: PuppetFields = typeof value === 'string' ? { manifest: value } : value;
  const { places } = context;
  const at = (name: keyof PuppetFields) => (places.has(fields, name) ? places.of(fields, name) : base.at!);
  const copies: Copy[] = [];
  const manifest = localPath(fields.manifest, at('manifest'), context);
  copies.push({ from: manifest, to: isFolder(manifest) ? 'manifests' : `manifests/${basename(manifest)}` });
  const modules = (fields.modules ?? []).map((written, index) => {
    const to = `modules-${index}`;
    copies.push({ from: localPath(written, places.of(fields.modules!, index), context), to });
    return to;
  });
  const hiera = fields.hiera === undefined ? undefined : localPath(fields.hiera, at('hiera'), context);
  if (hiera !== undefined) copies.push({ from: dirname(hiera), to: 'hiera' });
  return [
    {
      name: `manifest ${fields.manifest}`,
      ...base,
      kind: 'puppet',
      run: {
        kind: 'apply',
        manifest: copies[0]!.to,
        modulePath: modules,
        ...(hiera !== undefined && { hieraConfig: `hiera/${basename(hiera)}` }),
      },
      copies,
      cleanFolder: false,
      facts: Object.entries(fields.facts ?? {}),
      environment: Object.entries(fields.env ?? {}),
      arguments: fields.arguments ?? [],
      asRoot: true,
      install: fields.install ?? true,
      validExitCodes: [0, 2],
    },
  ];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
