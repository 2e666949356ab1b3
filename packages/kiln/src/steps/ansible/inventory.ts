import { shellQuote } from '../../guests/shell-quote.ts';
import type { AnsibleOptions } from '../../plan/ansible-step.ts';
import type { MachineConnection } from '../machine-connection.ts';

export interface InventoryHost {
  readonly name: string;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
}

/**
 * An inventory in Ansible's INI format (https://docs.ansible.com/ansible/latest/collections/ansible/builtin/ini_inventory.html):
 * the hosts with the step's variables for them, then its groups. Hosts that nobody knows stay out of groups, for Ansible
 * would look them up by name.
 */
export function renderInventory(
  hosts: readonly InventoryHost[],
  { groups, hostVars }: Pick<AnsibleOptions, 'groups' | 'hostVars'>,
): string {
  const lines = hosts.map(({ name, variables }) =>
    [name, ...hostWords(variables), ...hostWords(hostVars[name] ?? [])].join(' '),
  );
  const known = new Set(hosts.map(({ name }) => name));
  for (const [group, value] of Object.entries(groups)) {
    lines.push('', `[${group}]`, ...groupLines(group, value, known, new Set(groupNames(groups))));
  }
  return `# Written by Kiln; it is written again each time.\n${lines.join('\n')}\n`;
}

/** Groups that exist: those with hosts, or with other groups. */
function groupNames(groups: AnsibleOptions['groups']): string[] {
  return Object.keys(groups).map((name) => name.replace(/:(?:children|vars)$/, ''));
}

function groupLines(
  group: string,
  value: AnsibleOptions['groups'][string],
  hosts: ReadonlySet<string>,
  groups: ReadonlySet<string>,
): string[] {
  if (!isList(value)) return Object.entries(value).map(([name, one]) => `${name}=${literal(one)}`);
  if (group.endsWith(':vars')) return [...value];
  if (group.endsWith(':children')) return value.filter((child) => groups.has(child));
  // A range such as web[1:3] is Ansible's to resolve.
  return value.filter((host) => hosts.has(host.split(/\s/)[0]!) || /\[.+:.+\]/.test(host));
}

/** Words of a host's line, which Ansible splits as a shell does. */
function hostWords(values: Readonly<Record<string, unknown>> | readonly string[]): string[] {
  if (isList(values)) return [...values];
  return Object.entries(values).map(([name, value]) => `${name}=${shellQuote(wordOf(value))}`);
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : literal(value);
}

/** A value as Python reads it, for that is what Ansible takes words in inventories for. */
function literal(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'object':
      if (value === null) return 'None';
      return Array.isArray(value)
        ? `[${value.map(literal).join(', ')}]`
        : `{${Object.entries(value)
            .map(([name, one]) => `${JSON.stringify(name)}: ${literal(one)}`)
            .join(', ')}}`;
    default:
      return String(value);
  }
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}

/** How Ansible reaches a machine by SSH. */
export function connectionVariables(
  { host, port, user, privateKeyFile, knownHosts }: MachineConnection,
  options: { readonly user?: string | undefined; readonly forceUser: boolean },
): InventoryHost['variables'] {
  return {
    ansible_host: host,
    ansible_port: port,
    ...(options.forceUser && { ansible_user: options.user ?? user }),
    ...(privateKeyFile !== undefined && { ansible_ssh_private_key_file: privateKeyFile }),
    ...(knownHosts && {
      ansible_host_key_checking: true,
      ansible_ssh_common_args: `-o UserKnownHostsFile=${sshWord(knownHosts.file)} -o HostKeyAlias=${knownHosts.alias}`,
    }),
  };
}

/** A value of ssh(1) in words that Ansible splits as a shell does. */
function sshWord(value: string): string {
  const escaped = value.replaceAll('%', '%%');
  return /[\s"'\\]/.test(escaped) ? shellQuote(`"${escaped.replaceAll('"', '\\"')}"`) : escaped;
}
