import type { AnsibleOptions, GalaxyRequirements } from '../../plan/ansible-step.ts';
import type { StepContext } from '../step-context.ts';

/** What the command line refers to, as paths on the side where Ansible runs. */
export interface PlaybookFiles {
  readonly inventory: string;
  /** Files with extra variables, 0600: their values may be secret, and command lines can be seen by everybody. */
  readonly extraVars: readonly string[];
  readonly vaultPasswordFile?: string | undefined;
}

/** Arguments of ansible-playbook(1), but for the connection and the playbook itself. */
export function playbookArguments(
  step: AnsibleOptions,
  files: PlaybookFiles,
  context: StepContext,
): readonly string[] {
  const list = (option: string, values: readonly string[]) =>
    values.length === 0 ? [] : [`--${option}=${values.join(',')}`];
  const one = (option: string, value: string | undefined) =>
    value === undefined ? [] : [`--${option}=${value}`];
  return [
    ...one('limit', step.limit),
    `--inventory-file=${files.inventory}`,
    ...files.extraVars.map((file) => `--extra-vars=@${file}`),
    ...(step.become ? ['--become'] : []),
    ...one('become-user', step.becomeUser),
    ...(step.verbosity > 0 ? [`-${'v'.repeat(step.verbosity)}`] : []),
    ...one('vault-password-file', files.vaultPasswordFile),
    ...list('tags', step.tags),
    ...list('skip-tags', step.skipTags),
    ...one('start-at-task', step.startAtTask),
    ...step.arguments.map((argument) => context.render(argument)),
  ];
}

/** The step's own extra variables as JSON; undefined when there are none to write. */
export function extraVariables(
  step: AnsibleOptions,
  { build, values }: StepContext,
  more: Readonly<Record<string, string>> = {},
): string | undefined {
  const all = {
    ...(step.packerVariables && {
      packer_build_name: build.name,
      packer_builder_type: build.type,
      ...(values.PackerHTTPAddr && { packer_http_addr: values.PackerHTTPAddr }),
    }),
    ...(step.extraVars?.kind === 'values' && step.extraVars.values),
    ...more,
  };
  return Object.keys(all).length === 0 ? undefined : JSON.stringify(all);
}

/**
 * Commands that get what a playbook needs from Ansible Galaxy: an argv, or one line for a shell when the user wrote it.
 * @param quote makes a word of a shell's line
 */
export function galaxyCommands(
  galaxy: GalaxyRequirements,
  hasCollections: boolean,
  quote: (word: string) => string,
): readonly (readonly string[] | string)[] {
  const { file, command, force, rolesPath, collectionsPath } = galaxy;
  if (command !== undefined) {
    return [
      command.replace(/%\{(role_file|roles_path)\}/g, (_all, name) =>
        quote(name === 'role_file' ? file : (rolesPath ?? 'roles')),
      ),
    ];
  }
  const options = (path: string | undefined) => [
    ...['-r', file],
    ...(path === undefined ? [] : ['-p', path]),
    ...(force ? ['--force'] : []),
  ];
  return [
    ['ansible-galaxy', 'role', 'install', ...options(rolesPath)],
    ...(hasCollections || collectionsPath !== undefined
      ? [['ansible-galaxy', 'collection', 'install', ...options(collectionsPath)]]
      : []),
  ];
}
