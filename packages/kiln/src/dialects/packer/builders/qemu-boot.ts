import { parseDuration } from '../../../base/durations.ts';
import type { QemuBoot, QemuResult } from '../../../plan/qemu-source.ts';
import type { Text } from '../../../plan/text.ts';
import type { LateData } from '../../../text/compile-text.ts';
import { port } from '../communicator.ts';
import type { Options } from '../options.ts';

const lateBootCommand: LateData = {
  fields: new Set(['HTTPIP', 'HTTPPort', 'Name', 'SSHPublicKey']),
  build: false,
  strict: true,
};

const defaultBootWait = 10_000;

export function readQemuBoot(
  options: Options,
  result: Pick<QemuResult, 'machineName' | 'directory'>,
): QemuBoot {
  const command = readBootCommand(options);
  const named = options.string('display');
  // Packer's word for "leave it to QEMU" is none.
  const display = options.boolean('use_default_display') ? 'none' : named;
  const keyInterval = options.duration('boot_key_interval') || environmentInterval(options);
  const qmpSocketPath = readQmpSocket(options, result);
  const vnc = readVnc(options);
  if (vnc.disabled && command.length > 0) {
    options.error('disable_vnc', 'a boot command cannot be typed when VNC is disabled');
  }
  return {
    headless: options.boolean('headless'),
    ...(display !== undefined && { display }),
    command,
    wait: Math.max(0, options.duration('boot_wait') || defaultBootWait),
    ...(keyInterval !== undefined && { keyInterval }),
    keyGroupInterval: options.duration('boot_keygroup_interval') ?? 0,
    vnc,
    ...(qmpSocketPath !== undefined && { qmpSocketPath }),
    ...readHostPorts(options),
    skipNatMapping: options.boolean(options.renamed('ssh_skip_nat_mapping', 'skip_nat_mapping')),
  };
}

/** The interval that people set for all builds of a slow or fast computer. */
function environmentInterval(options: Options): number | undefined {
  const text = options.context.env.PACKER_KEY_INTERVAL;
  return text ? parseDuration(text) : undefined;
}

/** Packer types the parts of `boot_command` as one text; `boot_steps` are typed one by one. */
function readBootCommand(options: Options): readonly Text[] {
  const steps = options.table('boot_steps', lateBootCommand);
  const command = options.texts('boot_command', lateBootCommand);
  if (steps.length > 0 && command.length > 0) {
    options.error('boot_steps', 'only one of "boot_command" and "boot_steps" is possible');
  }
  return command.length > 0 ? command : steps.flatMap((step) => step[0] ?? []);
}

function readVnc(options: Options): QemuBoot['vnc'] {
  const portMin = options.integer('vnc_port_min') || 5900;
  const portMax = options.integer('vnc_port_max') || 6000;
  if (portMin < 5900) options.error('vnc_port_min', '"vnc_port_min" cannot be below 5900');
  if (portMin > 65_535) options.error('vnc_port_min', '"vnc_port_min" must be below 65536');
  if (portMax > 65_535) options.error('vnc_port_max', '"vnc_port_max" must be below 65536');
  if (portMin > portMax) options.error('vnc_port_min', '"vnc_port_min" must not be above "vnc_port_max"');
  const password = options.string('vnc_password');
  return {
    disabled: options.boolean('disable_vnc'),
    bindAddress: options.string('vnc_bind_address') ?? '127.0.0.1',
    usePassword: options.boolean('vnc_use_password'),
    ...(password !== undefined && { password }),
    portMin,
    portMax,
  };
}

function readQmpSocket(
  options: Options,
  result: Pick<QemuResult, 'machineName' | 'directory'>,
): string | undefined {
  const isOn = options.boolean('qmp_enable');
  const path = options.string('qmp_socket_path');
  if (!isOn) return undefined;
  return path === undefined
    ? `${result.directory ?? options.context.cwd}/${result.machineName}.monitor`
    : options.context.path(path);
}

function readHostPorts(options: Options): Pick<QemuBoot, 'hostPortMin' | 'hostPortMax'> {
  const minName = options.renamed('ssh_host_port_min', 'host_port_min');
  const maxName = options.renamed('ssh_host_port_max', 'host_port_max');
  const hostPortMin = port(options, minName) ?? 2222;
  const hostPortMax = port(options, maxName) ?? 4444;
  if (hostPortMin > hostPortMax) {
    options.error(minName, `"${minName}" must not be above "${maxName}"`);
  }
  return { hostPortMin, hostPortMax };
}
