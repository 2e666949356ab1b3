import {
  changeBuilders,
  changePostProcessors,
  changeProvisioners,
  type Fixer,
  renamed,
  renameOption,
} from './fixer.ts';
import { isObject, type JsonObject, type JsonValue, without } from './json-value.ts';

/** Fixers of what concerns every builder, and of provisioners and post-processors. */

export const isoMd5: Fixer = {
  name: 'iso-md5',
  summary: 'Replaces "iso_md5" with "iso_checksum" and "iso_checksum_type"',
  fix: changeBuilders([], (builder) => {
    const sum = builder['iso_md5'];
    if (typeof sum !== 'string') return builder;
    return { ...without(builder, 'iso_md5'), iso_checksum: sum, iso_checksum_type: 'md5' };
  }),
};

export const createTime: Fixer = {
  name: 'createtime',
  summary: 'Replaces {{.CreateTime}} with {{timestamp}}',
  fix: changeBuilders([], (builder) =>
    mapTexts(builder, (text) => text.replace(/\{\{\s*\.CreateTime\s*\}\}/g, '{{timestamp}}')),
  ),
};

export const sshKeyPath: Fixer = {
  name: 'sshkeypath',
  summary: 'Renames "ssh_key_path" to "ssh_private_key_file"',
  fix: renameOption([], 'ssh_key_path', 'ssh_private_key_file', { type: 'string', keep: true }),
};

export const sshDisableAgent: Fixer = {
  name: 'sshdisableagent',
  summary: 'Renames "ssh_disable_agent" to "ssh_disable_agent_forwarding"',
  fix: renameOption([], 'ssh_disable_agent', 'ssh_disable_agent_forwarding', { type: 'boolean', keep: true }),
};

export const sshWaitTimeout: Fixer = {
  name: 'ssh-wait-timeout',
  summary: 'Renames "ssh_wait_timeout" to "ssh_timeout"',
  fix: renameOption([], 'ssh_wait_timeout', 'ssh_timeout', { type: 'string', keep: true }),
};

export const cleanImageName: Fixer = {
  name: 'clean-image-name',
  summary: 'Replaces the functions clean_ami_name and clean_image_name with clean_resource_name',
  fix: changeBuilders([], (builder) =>
    mapTexts(builder, (text) => text.replace(/clean_(?:image|ami)_name/g, 'clean_resource_name')),
  ),
};

export const isoChecksumTypeAndUrl: Fixer = {
  name: 'iso-checksum-type-and-url',
  summary: 'Puts "iso_checksum_type" and "iso_checksum_url" into "iso_checksum"',
  fix: changeBuilders([], (builder) => {
    const { iso_checksum_url: url, iso_checksum_type: type, ...rest } = builder;
    if (url === undefined && type === undefined) return builder;
    if (typeof url === 'string' && url !== '') return { ...rest, iso_checksum: `file:${url}` };
    const sum = rest['iso_checksum'];
    if (type === 'none') return { ...rest, iso_checksum: 'none' };
    if (typeof sum !== 'string' || sum === '' || typeof type !== 'string' || type === '') return rest;
    const isComplete = sum === 'none' || sum.startsWith(`${type}:`);
    return { ...rest, iso_checksum: isComplete ? sum : `${type}:${sum}` };
  }),
};

export const manifestFilename: Fixer = {
  name: 'manifest-filename',
  summary: 'Renames "filename" of the manifest post-processor to "output"',
  fix: changePostProcessors(['manifest'], renamed('filename', 'output', { type: 'string' })),
};

export const vagrantOverride: Fixer = {
  name: 'pp-vagrant-override',
  summary: 'Moves settings for providers of the vagrant post-processor into "override"',
  fix: changePostProcessors(['vagrant'], (component) => {
    const providers = ['aws', 'digitalocean', 'virtualbox', 'vmware'].filter(
      (name) => component[name] !== undefined,
    );
    if (providers.length === 0) return component;
    const known = isObject(component['override']) ? component['override'] : {};
    const moved = Object.fromEntries(providers.map((name) => [name, component[name]!]));
    return { ...without(component, ...providers), override: { ...known, ...moved } };
  }),
};

export const dockerTagTags: Fixer = {
  name: 'docker-tag-tags',
  summary: 'Turns "tag" of the docker-tag post-processor into the list "tags"',
  fix: changePostProcessors(['docker-tag'], (component) => {
    const { tag, tags, ...rest } = component;
    if (tag === undefined) return component;
    return { ...rest, tags: [...new Set([...listOf(tag), ...listOf(tags)])] };
  }),
};

export const dockerEmail: Fixer = {
  name: 'docker-email',
  summary: 'Removes "login_email", which Docker no longer takes',
  fix: changePostProcessors(['docker-push'], (component) => without(component, 'login_email')),
};

export const powershellEscapes: Fixer = {
  name: 'powershell-escapes',
  summary: 'Takes escapes for PowerShell out of environment variables and names and passwords of users',
  fix: changeProvisioners(['powershell'], (component) => {
    const fixed: Record<string, JsonValue> = { ...component };
    for (const key of ['elevated_user', 'elevated_password']) {
      const value = component[key];
      if (typeof value === 'string') fixed[key] = unescaped(value);
    }
    const variables = component['environment_vars'];
    if (Array.isArray(variables)) {
      fixed['environment_vars'] = variables.map((one: JsonValue) =>
        typeof one === 'string' ? unescaped(one) : one,
      );
    }
    return fixed;
  }),
};

export const galaxyCommand: Fixer = {
  name: 'galaxy-command',
  summary: 'Renames "galaxycommand" of the ansible-local provisioner to "galaxy_command"',
  fix: changeProvisioners(
    ['ansible-local'],
    renamed('galaxycommand', 'galaxy_command', { type: 'string', keep: true }),
  ),
};

/** An object with every text in it changed, however deep. */
function mapTexts(object: JsonObject, change: (text: string) => string): JsonObject {
  const mapValue = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') return change(value);
    if (Array.isArray(value)) return value.map(mapValue);
    return isObject(value) ? mapTexts(value, change) : value;
  };
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, mapValue(value)]));
}

function listOf(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return value.split(',');
  return Array.isArray(value) ? value.filter((one: JsonValue) => typeof one === 'string') : [];
}

/** PowerShell's escape character is the backtick. */
function unescaped(text: string): string {
  return text.replace(/`([$"`'])/g, '$1');
}
