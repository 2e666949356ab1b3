import { isBoxOptional } from '../choose-provider.ts';
import type { RawMachine } from '../ruby/raw-result.ts';
import type { VmSettings } from '../settings/vm-settings.ts';
import { checkFile, type MachineContext } from './machine-context.ts';

/** One clause of a version constraint, as RubyGems has it. */
const versionClause =
  /^\s*(?:=|!=|>=|<=|~>|>|<)?\s*\d+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\s*$/;

/** Mistakes of `config.vm` that no single setting shows. */
export function checkVm(vm: VmSettings, raw: RawMachine, context: MachineContext): void {
  const { machine, problems, provider } = context;
  const places = raw.vm.places;
  const at = (setting: string) => places[setting] ?? raw.place;
  if (vm.box === '') problems.error(at('box'), `the machine ${machine} has an empty name as its box`);
  else if (vm.box === null && vm.clone === null && !isBoxOptional(provider, raw.mentioned)) {
    problems.error(raw.place, `the machine ${machine} has no box`, 'say which with config.vm.box = "name"');
  }
  if (vm.box !== null && vm.clone !== null) {
    problems.error(at('clone'), `the machine ${machine} has both a box and a machine to clone`);
  }
  if (vm.hostname !== null && !/^[a-z0-9][-.a-z0-9]*$/i.test(vm.hostname)) {
    problems.error(
      at('hostname'),
      `${vm.hostname} is no name for a host`,
      'use letters, digits, hyphens and dots',
    );
  }
  for (const clause of vm.box_version?.split(',') ?? []) {
    if (!versionClause.test(clause)) {
      problems.error(
        at('box_version'),
        `"${clause.trim()}" is no version constraint`,
        'such as ">= 1.2, < 2"',
      );
    }
  }
  if (vm.box_download_checksum_type !== null && vm.box_download_checksum === '') {
    problems.error(
      at('box_download_checksum_type'),
      'box_download_checksum_type needs a box_download_checksum',
    );
  }
  if (vm.box_download_checksum_type === null && vm.box_download_checksum !== '') {
    problems.error(at('box_download_checksum'), 'box_download_checksum needs a box_download_checksum_type');
  }
  checkFile(context, at('box_download_ca_cert'), 'config.vm.box_download_ca_cert', vm.box_download_ca_cert);
  checkFile(
    context,
    at('box_download_ca_path'),
    'config.vm.box_download_ca_path',
    vm.box_download_ca_path,
    'folder',
  );
  for (const [name, value] of Object.entries(vm.box_download_options)) {
    if (value !== true && value !== false && value !== null && typeof value !== 'string') {
      problems.error(at('box_download_options'), `box_download_options.${name} is a text or true`);
    }
  }
  if (/[[\]{}/]/.test(machine)) {
    problems.error(
      raw.place,
      `${machine} is no name for a machine`,
      'brackets, braces and slashes are not allowed',
    );
  }
}
