import type { MachineNames } from '../../../plan/machine-names.ts';
import { isTruthy, mapOf, textOr, textsOf } from '../finish/coerce.ts';
import type { VagrantMachine } from '../vagrant-config.ts';
import type { Planning } from './planning.ts';

/**
 * Names beside the host name, as vagrant-hostmanager, hostsupdater, goodhosts and hosts are told of them. Undefined when
 * none is asked for.
 */
export function planNames({ machine }: Planning): MachineNames | undefined {
  const manager = machine.plugins['hostmanager']?.settings ?? {};
  const updaters = ['hostsupdater', 'goodhosts'].flatMap((name) => machine.plugins[name] ?? []);
  const lists = machine.provisioners.filter(({ type, run }) => type === 'hosts' && run !== 'never');
  const isManaged =
    isTruthy(manager['enabled']) || machine.provisioners.some(({ type }) => type === 'hostmanager');
  const aliases = [
    ...(isManaged ? textsOf(manager['aliases'] ?? []) : []),
    ...updaters.flatMap(({ settings }) => aliasesOf(settings['aliases'])),
  ];
  const onHost =
    (isManaged && isTruthy(manager['manage_host'])) || (updaters.length > 0 && machine.vm.hostname !== null);
  const others = [
    ...(isManaged ? extraHosts(manager['extra_hosts']) : []),
    ...lists.flatMap((one) => listedHosts(one)),
  ];
  const inMachine = machine.vm.allow_hosts_modification;
  if (aliases.length === 0 && others.length === 0 && !onHost && inMachine) return undefined;
  return { aliases: [...new Set(aliases)], onHost, others, inMachine };
}

/** A list of names, or names by address. */
function aliasesOf(value: unknown): string[] {
  return Array.isArray(value) || textOr(value) !== undefined
    ? textsOf(value)
    : Object.values(mapOf(value)).flatMap(textsOf);
}

function extraHosts(value: unknown): MachineNames['others'][number][] {
  return (Array.isArray(value) ? value : []).flatMap((one) => {
    const { ip, host, hosts } = mapOf(one);
    const [address, names] = [textOr(ip), textsOf(hosts ?? host ?? [])];
    return address === undefined || names.length === 0 ? [] : [{ address, names }];
  });
}

/** `add_host "10.0.0.2", ["a", "b"]`, kept as pairs. */
function listedHosts({
  settings,
  calls,
}: VagrantMachine['provisioners'][number]): MachineNames['others'][number][] {
  const pairs = [
    ...(Array.isArray(settings['hosts']) ? (settings['hosts'] as unknown[]) : []),
    ...calls.filter(({ name }) => name === 'add_host').map((call) => call.arguments),
  ];
  return pairs.flatMap((pair) => {
    const [address, names] = Array.isArray(pair) ? pair : [];
    const known = textOr(address);
    const all = names === undefined ? [] : textsOf(names);
    return known === undefined || all.length === 0 ? [] : [{ address: known, names: all }];
  });
}
