import type { SaltStep } from '../../../../plan/salt-step.ts';
import { isTruthy, mapOf, textOr } from '../../finish/coerce.ts';
import type { Options } from '../../vagrant-config.ts';
import { given, Luggage, several, stepBase } from './common.ts';
import type { ProvisionerCompiler } from './compiler.ts';

/** Settings about a master in the machine, whose keys Kiln does not plant. */
const masterSettings = [
  ...['master_config', 'master_json_config', 'master_key', 'master_pub', 'seed_master'],
  ...['orchestrations', 'run_overstate', 'install_syndic', 'salt_args'],
];

/** https://developer.hashicorp.com/vagrant/docs/provisioning/salt */
export const compileSalt: ProvisionerCompiler = ({ settings, at }, planning) => {
  const unused = masterSettings.filter((name) => {
    const value = settings[name];
    return Array.isArray(value) ? value.length > 0 : isTruthy(value);
  });
  if (unused.length > 0)
    planning.warn(`the Salt provisioner of Kiln sets up minions only: no ${unused.join(', ')}`, at);
  const luggage = new Luggage(planning, at);
  const bring = (name: string, as: string) => luggage.bring(given(settings[name]), as);
  const minionConfig = bring('minion_config', 'minion');
  const grains = bring('grains_config', 'grains');
  const script = bring('bootstrap_script', 'bootstrap-salt.sh');
  const key = bring('minion_key', 'minion.pem');
  const publicKey = bring('minion_pub', 'minion.pub');
  const minionId = given(settings['minion_id']);
  const logLevel = given(settings['log_level']);
  const minionSettings = jsonOf(settings['minion_json_config']);
  const step: SaltStep = {
    ...stepBase(at),
    kind: 'salt',
    copies: luggage.copies,
    cleanFolder: false,
    asRoot: true,
    masterless: isTruthy(settings['masterless']),
    ...(isTruthy(settings['run_highstate']) && { state: 'highstate' }),
    pillar: mapOf(settings['pillar_data']),
    ...(minionConfig !== undefined && { minionConfig }),
    ...(grains !== undefined && { grains }),
    ...(minionId !== undefined && { minionId }),
    ...(key !== undefined && publicKey !== undefined && { minionKey: { private: key, public: publicKey } }),
    ...(minionSettings !== undefined && { minionSettings }),
    ...(logLevel !== undefined && { logLevel }),
    arguments: several(settings['salt_call_args']),
    ignoreFailures: false,
    install: {
      ...(script !== undefined && { script }),
      arguments: bootstrapWords(settings),
      always: isTruthy(settings['always_install']),
    },
    ...(isTruthy(settings['run_service']) && { service: true }),
  };
  return [step];
};

/** Words of the bootstrap script; what is installed stands last. */
function bootstrapWords(settings: Options): string {
  const type = given(settings['install_type']);
  const version = given(settings['version']);
  const python = given(settings['python_version']);
  return [
    ...(isTruthy(settings['install_master']) ? ['-M'] : []),
    ...(isTruthy(settings['no_minion']) ? ['-N'] : []),
    ...(python === undefined ? [] : ['-x', /^\d/.test(python) ? `python${python}` : python]),
    ...(textOr(settings['bootstrap_options']) ?? '').split('\n'),
    ...(type === undefined ? [] : [type]),
    ...(textOr(settings['install_args']) ?? '').split('\n'),
    ...(version === undefined ? [] : [version]),
  ]
    .filter((word) => word.trim() !== '')
    .join(' ');
}

function jsonOf(value: unknown): Options | undefined {
  if (typeof value !== 'string') return isTruthy(value) ? mapOf(value) : undefined;
  try {
    return mapOf(JSON.parse(value));
  } catch {
    return undefined;
  }
}
