import { basename, dirname, relative } from 'node:path';
import type { SourceLocation } from '../../base/errors.ts';
import type { AnsibleLocalStep, AnsibleOptions, AnsibleStep } from '../../plan/ansible-step.ts';
import type { StepBase } from '../../plan/step.ts';
import type { OneStepContext } from './compile-steps.ts';
import { localPath } from './local-path.ts';
import type { StepEntry } from './step-fields.ts';

type AnsibleValue = Extract<StepEntry, { readonly action: 'ansible' }>['value'];
type AnsibleFields = Exclude<AnsibleValue, string>;

/** A playbook, from this host or in the machine; in a tree of files it can only be the latter. */
export function compileAnsible(
  value: AnsibleValue,
  base: StepBase,
  context: OneStepContext,
): readonly (AnsibleStep | AnsibleLocalStep)[] {
  const fields: AnsibleFields = typeof value === 'string' ? { playbook: value } : value;
  const isTree = context.builder === 'rootfs';
  if (isTree && fields.local === false) {
    context.problems.error(
      context.places.of(fields, 'local'),
      'Ansible of this host cannot reach a tree of files: this image is built without a machine',
      'leave "local" out, or change "builder" to qemu',
    );
    return [];
  }
  const isLocal = fields.local ?? isTree;
  if (fields.vars !== undefined && fields.vars_file !== undefined)
    context.problems.error(
      context.places.of(fields, 'vars_file'),
      'there is "vars" or "vars_file", not both',
    );
  const only = (['folder', 'install', 'collections'] as const).filter((name) => fields[name] !== undefined);
  if (!isLocal && only.length > 0) {
    context.problems.error(
      context.places.of(fields, only[0]),
      `"${only[0]}" is for playbooks that run in the machine`,
      'add "local: true", or leave it out',
    );
  }
  return [isLocal ? inMachine(fields, base, context) : fromHost(fields, base, context)];
}

function fromHost(fields: AnsibleFields, base: StepBase, context: OneStepContext): AnsibleStep {
  const at = (name: keyof AnsibleFields) => {
    const written = fields[name];
    return typeof written === 'string'
      ? localPath(written, placeOf(fields, name, base, context), context)
      : undefined;
  };
  const playbook = at('playbook')!;
  const inventory = at('inventory');
  const varsFile = at('vars_file');
  const requirements = at('requirements');
  const vaultPasswordFile = at('vault_password_file');
  return {
    ...common(fields, base, context),
    ...extraVars(fields, varsFile),
    kind: 'ansible',
    playbook,
    ...(inventory !== undefined && { inventory }),
    ...(vaultPasswordFile !== undefined && { vaultPasswordFile }),
    ...(requirements !== undefined && { galaxy: { file: requirements, force: false } }),
    keepInventory: false,
    forceUser: true,
    hostKeyChecking: false,
    sshArguments: [],
    askBecomePassword: false,
    askVaultPassword: false,
    // Roles, templates and the like are usually beside the playbook.
    reads: [dirname(playbook), inventory, varsFile, requirements].filter((path) => path !== undefined),
  };
}

/** Everything that is named must be in the folder that is brought along. */
function inMachine(fields: AnsibleFields, base: StepBase, context: OneStepContext): AnsibleLocalStep {
  const playbook = localPath(fields.playbook, placeOf(fields, 'playbook', base, context), context);
  const folder =
    fields.folder === undefined
      ? dirname(playbook)
      : localPath(fields.folder, placeOf(fields, 'folder', base, context), context);
  const copies = [{ from: folder, to: '.' }];
  const inside = (name: keyof AnsibleFields) => {
    const written = fields[name];
    if (typeof written !== 'string') return undefined;
    const place = placeOf(fields, name, base, context);
    const path = localPath(written, place, context);
    const inFolder = relative(folder, path);
    if (!inFolder.startsWith('..')) return inFolder === '' ? '.' : inFolder;
    const to = `.kiln/${name}-${basename(path)}`;
    copies.push({ from: path, to });
    return to;
  };
  const inPlay = inside('playbook')!;
  const inventory = inside('inventory');
  const varsFile = inside('vars_file');
  const requirements = inside('requirements');
  const vaultPasswordFile = inside('vault_password_file');
  return {
    ...common(fields, base, context),
    ...extraVars(fields, varsFile),
    kind: 'ansible-local',
    playbooks: [inPlay],
    copies,
    cleanFolder: false,
    ...(inventory !== undefined && { inventory }),
    ...(vaultPasswordFile !== undefined && { vaultPasswordFile }),
    ...(requirements !== undefined && { galaxy: { file: requirements, force: false } }),
    ...(fields.install !== false && {
      install: { from: 'packages', withCollections: fields.collections ?? false },
    }),
    otherHosts: [],
  };
}

/** A playbook that is all there is to say stands where the step does. */
function placeOf(
  fields: AnsibleFields,
  name: keyof AnsibleFields,
  base: StepBase,
  { places }: OneStepContext,
): SourceLocation {
  return places.has(fields, name) ? places.of(fields, name) : base.at!;
}

function extraVars({ vars }: AnsibleFields, file: string | undefined): Pick<AnsibleOptions, 'extraVars'> {
  if (vars !== undefined) return { extraVars: { kind: 'values', values: { ...vars } } };
  return file === undefined ? {} : { extraVars: { kind: 'file', path: file } };
}

function common(fields: AnsibleFields, base: StepBase, { machineName }: OneStepContext) {
  return {
    name: `playbook ${fields.playbook}`,
    ...base,
    command: 'ansible-playbook',
    hostName: machineName,
    ...(fields.limit !== undefined && { limit: fields.limit }),
    tags: fields.tags ?? [],
    skipTags: fields.skip_tags ?? [],
    become: fields.become ?? true,
    ...(fields.become_user !== undefined && { becomeUser: fields.become_user }),
    verbosity: fields.verbosity ?? 0,
    groups: fields.groups ?? {},
    hostVars: {},
    arguments: fields.arguments ?? [],
    environment: Object.entries(fields.env ?? {}),
    packerVariables: false,
  } as const;
}
