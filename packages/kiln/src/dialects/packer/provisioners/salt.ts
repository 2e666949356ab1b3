import type { Copy } from '../../../plan/copy.ts';
import type { SaltStep } from '../../../plan/salt-step.ts';
import { lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';
import { bringFile } from './bring.ts';
import type { StepMeta } from './step-meta.ts';

/** https://developer.hashicorp.com/packer/integrations/hashicorp/salt: salt-masterless */
export function readSaltMasterless(options: Options, meta: StepMeta): SaltStep | undefined {
  const copies: Copy[] = [];
  const minionConfig = bringFile(options, 'minion_config', 'file', copies, () => 'minion');
  const grains = bringFile(options, 'grains_file', 'file', copies, () => 'grains');
  const states = options.string('remote_state_tree');
  const pillars = options.string('remote_pillar_roots');
  for (const name of ['remote_state_tree', 'remote_pillar_roots']) {
    if (minionConfig === undefined || !options.has(name)) continue;
    options.error(
      name,
      `"${name}" and "minion_config" are not possible together`,
      'say it in the minion config',
    );
  }
  const stateFolder = states ?? '/srv/salt';
  const pillarFolder = pillars ?? '/srv/pillar';
  const tree = bringFile(options, 'local_state_tree', 'state tree', copies, () => stateFolder);
  if (tree === undefined) options.missing('local_state_tree');
  const pillar = bringFile(options, 'local_pillar_roots', 'pillar', copies, () => pillarFolder);
  const folder = options.string('temp_config_dir');
  const binaryFolder = options.string('salt_bin_dir');
  const logLevel = options.string('log_level') ?? 'info';
  const words = [
    ...options.texts('salt_call_args', lateBuildValues),
    ...options.texts('cmd_args', lateBuildValues),
  ];
  options.refuse('formulas', 'it brings local state trees only', 'fetch them with a shell-local provisioner');
  if (options.oneOf('guest_os_type', ['unix', 'windows']) === 'windows')
    options.error('guest_os_type', 'Kiln runs Salt in POSIX machines only');
  const step: SaltStep = {
    ...meta,
    kind: 'salt',
    copies,
    ...(folder !== undefined && { folder }),
    cleanFolder: false,
    asRoot: !options.boolean('disable_sudo'),
    masterless: true,
    state: options.string('custom_state') ?? 'highstate',
    // A configuration of the minion says itself where everything is.
    ...(minionConfig === undefined && { stateFolder }),
    ...(minionConfig === undefined && pillar !== undefined && { pillarFolder }),
    pillar: {},
    ...(minionConfig !== undefined && { minionConfig }),
    ...(grains !== undefined && { grains }),
    logLevel,
    arguments: words,
    ...(binaryFolder !== undefined && { binaryFolder }),
    ignoreFailures: options.boolean('no_exit_on_failure'),
    ...(!options.boolean('skip_bootstrap') && {
      install: { arguments: options.string('bootstrap_args') ?? '', always: false },
    }),
  };
  options.finish();
  return tree === undefined ? undefined : step;
}
