import type { RawPlace } from '../ruby/messages.ts';
import type { Options } from '../vagrant-config.ts';
import { isTruthy, textOr } from './coerce.ts';
import { checkFile, hostPath, type MachineContext } from './machine-context.ts';

type Check = (settings: Options, place: RawPlace | null, context: MachineContext) => void;

/** What a provisioner cannot do without, and what cannot be said together. */
export function checkProvisioner(
  type: string,
  settings: Options,
  place: RawPlace | null,
  context: MachineContext,
): void {
  checks[type]?.(settings, place, context);
}

/** Also for what triggers run, which takes the same settings. */
export const checkShell: Check = (settings, place, context) => {
  const { problems } = context;
  const { path, inline, args, env } = settings;
  const restarts = isTruthy(settings['reset']) || isTruthy(settings['reboot']);
  if (isTruthy(path) && isTruthy(inline)) {
    problems.error(place, 'a shell provisioner has either `path` or `inline`, not both');
  } else if (!isTruthy(path) && !isTruthy(inline) && !restarts) {
    problems.error(place, 'a shell provisioner needs `path` or `inline`');
  }
  if (isTruthy(path) && !/^(?:ftp|https?):/.test(String(path))) {
    checkFile(context, place, 'the shell provisioner', path);
  }
  if (isTruthy(env) && (typeof env !== 'object' || Array.isArray(env))) {
    problems.error(place, "a shell provisioner's `env` is a hash");
  }
  const listed = Array.isArray(args) ? args : [args ?? ''];
  if (!listed.every((one) => typeof one === 'string' || typeof one === 'number')) {
    problems.error(place, "a shell provisioner's `args` is a text or a list of texts");
  }
  if (isTruthy(settings['powershell_elevated_interactive']) && !isTruthy(settings['privileged'])) {
    problems.error(place, '`powershell_elevated_interactive` needs `privileged`');
  }
};

const checkAnsible: Check = (settings, place, { problems }) => {
  if (!isTruthy(settings['playbook'])) problems.error(place, 'an Ansible provisioner needs a `playbook`');
  const extra = settings['extra_vars'];
  if (isTruthy(extra) && (Array.isArray(extra) || !['object', 'string'].includes(typeof extra))) {
    problems.error(place, '`extra_vars` is a hash or the path of a file');
  }
  const mode = settings['compatibility_mode'];
  if (!['auto', '1.8', '2.0'].includes(String(mode))) {
    problems.error(place, `\`compatibility_mode\` is auto, 1.8 or 2.0, not ${mode}`);
  }
};

const checkPuppet: Check = (settings, place, context) => {
  const [where, path] = Array.isArray(settings['manifests_path']) ? settings['manifests_path'] : [];
  if (where === 'host' && settings['environment_path'] === null) {
    checkFile(context, place, 'the Puppet provisioner', path, 'folder');
    const manifest = `${hostPath(context, String(path))}/${settings['manifest_file']}`;
    if (context.typeOf(hostPath(context, String(path))) === 'folder' && context.typeOf(manifest) === 'none') {
      context.problems.error(
        place,
        `the Puppet provisioner: there is no manifest ${path}/${settings['manifest_file']}`,
      );
    }
  }
  const environments = settings['environment_path'];
  if (Array.isArray(environments) && environments[0] === 'host') {
    checkFile(context, place, 'the Puppet provisioner', environments[1], 'folder');
  }
};

const checkChefFolders: Check = (settings, place, context) => {
  const environments = settings['environments_path'];
  if (isTruthy(settings['environment']) && (!Array.isArray(environments) || environments.length === 0)) {
    context.problems.error(place, 'a Chef `environment` needs `environments_path`');
  }
  for (const [where, path] of Array.isArray(environments) ? environments : []) {
    if (where === 'host') checkFile(context, place, 'the Chef provisioner', path, 'folder');
  }
};

const checks: Readonly<Record<string, Check>> = {
  shell: checkShell,
  file: (settings, place, context) => {
    const { source, destination } = settings;
    if (!isTruthy(source)) context.problems.error(place, 'a file provisioner needs a `source`');
    if (!isTruthy(destination)) context.problems.error(place, 'a file provisioner needs a `destination`');
    if (isTruthy(source) && context.typeOf(hostPath(context, String(source))) === 'none') {
      context.problems.error(
        place,
        `the file provisioner: there is no ${source}`,
        `paths start at ${context.folder}`,
      );
    }
  },
  ansible: checkAnsible,
  ansible_local: checkAnsible,
  puppet: checkPuppet,
  puppet_server: (settings, place, { problems }) => {
    const [certificate, key] = [settings['client_cert_path'], settings['client_private_key_path']];
    if (isTruthy(certificate) !== isTruthy(key)) {
      problems.error(
        place,
        '`client_cert_path` and `client_private_key_path` are given together or not at all',
      );
    }
    if (!isTruthy(settings['puppet_node']) && (isTruthy(certificate) || isTruthy(key))) {
      problems.error(place, 'certificates for Puppet need a `puppet_node`');
    }
  },
  chef_solo: checkChefFolders,
  chef_zero: (settings, place, context) => {
    checkChefFolders(settings, place, context);
    const nodes = settings['nodes_path'];
    if (!Array.isArray(nodes) || nodes.length === 0) {
      context.problems.error(place, 'Chef Zero needs a `nodes_path`');
    }
  },
  chef_client: (settings, place, { problems }) => {
    for (const name of ['chef_server_url', 'validation_key_path']) {
      if (!isTruthy(settings[name])) problems.error(place, `a Chef client provisioner needs \`${name}\``);
    }
  },
  chef_apply: (settings, place, { problems }) => {
    if (!textOr(settings['recipe'])?.trim())
      problems.error(place, 'a Chef apply provisioner needs a `recipe`');
  },
  salt: (settings, place, context) => {
    for (const name of ['minion_config', 'master_config', 'grains_config']) {
      if (isTruthy(settings[name])) checkFile(context, place, 'the Salt provisioner', settings[name]);
    }
    for (const who of ['minion', 'master']) {
      if (isTruthy(settings[`${who}_key`]) !== isTruthy(settings[`${who}_pub`])) {
        context.problems.error(place, `\`${who}_key\` and \`${who}_pub\` are given together or not at all`);
      }
    }
    if (isTruthy(settings['version']) && !isTruthy(settings['install_type'])) {
      context.problems.error(place, "Salt's `version` needs an `install_type`");
    }
  },
  cfengine: (settings, place, { problems }) => {
    const { mode } = settings;
    if (mode !== 'bootstrap' && mode !== 'single_run') {
      problems.error(place, `CFEngine's \`mode\` is bootstrap or single_run, not ${mode}`);
    }
    if (
      mode === 'bootstrap' &&
      !isTruthy(settings['policy_server_address']) &&
      !isTruthy(settings['am_policy_hub'])
    ) {
      problems.error(place, 'CFEngine needs a `policy_server_address`, or `am_policy_hub`');
    }
  },
};
