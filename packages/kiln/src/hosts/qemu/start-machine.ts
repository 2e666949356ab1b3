import { randomInt } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { KilnError } from '../../base/errors.ts';
import type { Scope } from '../../base/scope.ts';
import type { QemuSource } from '../../plan/qemu-source.ts';
import type { HostContext } from '../host.ts';
import { kvmVerdict } from './accelerator.ts';
import { hostAio } from './aio.ts';
import { qemuCapabilities } from './capabilities.ts';
import { qemuCommandLine, withoutHostCpu, withoutKvm } from './command-line.ts';
import { displayFor } from './display.ts';
import { launchQemu, type RunningQemu } from './launch.ts';
import { freePort, type PortClaim } from './ports.ts';
import type { PreparedBuild } from './prepare-build.ts';
import { seedArguments } from './seed.ts';

export interface StartedMachinery {
  readonly qemu: RunningQemu;
  /** The host's port that leads to the communicator's. */
  readonly forwardedPort?: number;
}

/** Somebody outside Kiln may take a port between our look and QEMU's; so many times in a row it is not chance. */
const portAttempts = 8;

/**
 * Starts QEMU for a prepared build.
 * @throws KilnError `qemu-failed`, `not-found` when no port is free, `unsupported`, `cancelled`
 */
export async function startMachine(
  prepared: PreparedBuild,
  context: HostContext,
  home: string,
  undo: Scope,
): Promise<StartedMachinery> {
  const { source } = prepared;
  const vncPassword = source.boot.vnc.usePassword ? choosePassword(source) : undefined;
  const aio = await hostAio(home);
  for (let attempt = 1; ; attempt++) {
    const ports = await claimPorts(source, context);
    const release = () => {
      for (const claim of Object.values(ports)) claim?.release();
    };
    try {
      const argv = await commandLine(prepared, context, home, ports, aio);
      const qemu = await launchQemu({
        binary: prepared.binary,
        argv,
        scratch: context.scratch,
        run: context.run,
        signal: context.signal,
      });
      undo.defer('ending QEMU', () => qemu.kill());
      if (source.boot.qmpSocketPath) {
        undo.defer('removing the QMP socket', () => rm(source.boot.qmpSocketPath!, { force: true }));
      }
      await offerVnc(qemu, source, context, ports.vnc?.port, vncPassword);
      // QEMU listens now: the next look at these ports sees that without our claim.
      release();
      return { qemu, ...(ports.forward ? { forwardedPort: ports.forward.port } : forwardedAsIs(source)) };
    } catch (error) {
      release();
      if (!isPortTaken(error) || attempt >= portAttempts) throw error;
    }
  }
}

interface ClaimedPorts {
  readonly forward?: PortClaim;
  readonly vnc?: PortClaim;
}

async function claimPorts(source: QemuSource, context: HostContext): Promise<ClaimedPorts> {
  const { boot, communicator, hardware } = source;
  const { run } = context;
  const forwarded = communicator.kind !== 'none' && !hardware.netBridge && !boot.skipNatMapping;
  const forward = forwarded ? await freePort(boot.hostPortMin, boot.hostPortMax, loopback, run) : undefined;
  try {
    const { vnc } = boot;
    const screen = vnc.disabled ? undefined : await freePort(vnc.portMin, vnc.portMax, vnc.bindAddress, run);
    return { ...(forward ? { forward } : {}), ...(screen ? { vnc: screen } : {}) };
  } catch (error) {
    forward?.release();
    throw error;
  }
}

const loopback = '127.0.0.1';

/** By Packer's rule the communicator's own port number is used on both sides when no other is mapped to it. */
function forwardedAsIs(source: QemuSource): { forwardedPort?: number } {
  const { boot, communicator, hardware } = source;
  if (communicator.kind === 'none' || hardware.netBridge || !boot.skipNatMapping) return {};
  return { forwardedPort: communicator.port };
}

async function commandLine(
  prepared: PreparedBuild,
  context: HostContext,
  home: string,
  ports: ClaimedPorts,
  aio: 'io_uring' | undefined,
): Promise<string[]> {
  const { source, accelerator } = prepared;
  const { communicator, hardware, boot, result } = source;
  const hostPort = ports.forward?.port ?? forwardedAsIs(source).forwardedPort;
  const data = {
    HTTPIP: prepared.httpIp,
    HTTPPort: prepared.http?.port ?? 0,
    HTTPDir: source.media.http?.directory ?? '',
    HTTPContent: source.media.http?.content ?? {},
    OutputDir: prepared.folder,
    Name: result.machineName,
    SSHHostPort: hostPort ?? 0,
  };
  const { displays, devices } = await qemuCapabilities(prepared.binary, home, context.signal);
  const wished = hardware.qemuArgs.map((entry) => entry.map((text) => context.render(text, data)));
  const overrides = await overridesThatWork(wished, prepared, context, home);
  const cpuModel =
    hardware.cpuModel === undefined || accelerator !== 'tcg'
      ? hardware.cpuModel
      : withoutHostCpu(hardware.cpuModel);
  return qemuCommandLine({
    name: result.machineName,
    hardware: { ...hardware, ...(cpuModel === undefined ? {} : { cpuModel }) },
    accelerator,
    disks: prepared.disks,
    cds: prepared.cds,
    bootFromCd: source.installer !== undefined,
    firmware: prepared.firmware,
    overrides,
    ...(aio ? { aio } : {}),
    ...(prepared.floppy === undefined ? {} : { floppy: prepared.floppy }),
    ...(communicator.kind !== 'none' && hostPort !== undefined
      ? { forward: { address: loopback, hostPort, guestPort: communicator.port } }
      : {}),
    ...(ports.vnc
      ? { vnc: { address: boot.vnc.bindAddress, port: ports.vnc.port, password: boot.vnc.usePassword } }
      : {}),
    ...displayFor(boot, ports.vnc !== undefined, displays),
    ...(prepared.tpm ? { tpmSocket: prepared.tpm.socket } : {}),
    ...(boot.qmpSocketPath ? { qmpSocket: boot.qmpSocketPath } : {}),
    ...(source.seed ? { seed: seedOptions(prepared, context) } : {}),
    ...(prepared.checkpoints?.memory
      ? { savedMemory: { incoming: prepared.checkpoints.from?.memory !== undefined } }
      : {}),
    // Copies of a machine must not draw the same random numbers.
    generationId: prepared.checkpoints !== undefined && devices.includes('vmgenid'),
  });
}

/** Kiln's own machines get an identity, and entropy so that making host keys does not wait for it. */
function seedOptions(prepared: PreparedBuild, context: HostContext): string[] {
  return [
    ...seedArguments({
      authorizedKeys: prepared.key ? [prepared.key.publicKey] : [],
      hostname: hostName(prepared.source.result.machineName),
      instance: `${context.run.id}-${context.build.name}`,
    }),
    ...['-device', 'virtio-rng-pci'],
  ];
}

/** A machine's name as a host name (RFC 1123). */
function hostName(name: string): string {
  const clean = name
    .toLowerCase()
    .replace(/\.(qcow2|raw|img)$/, '')
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return clean || 'kiln';
}

async function overridesThatWork(
  wished: readonly (readonly string[])[],
  prepared: PreparedBuild,
  context: HostContext,
  home: string,
): Promise<readonly (readonly string[])[]> {
  const without = withoutKvm(wished);
  if (without.changes.length === 0 || prepared.accelerator === 'kvm') return wished;
  const verdict = await kvmVerdict({ binary: prepared.binary, home, signal: context.signal });
  if (verdict.works) return wished;
  context.emit({
    kind: 'message',
    build: context.build.name,
    level: 'warning',
    text: `qemuargs ask for KVM, which does not work here (${verdict.reason}): ${without.changes.join('; ')}`,
  });
  return without.overrides;
}

/** @throws KilnError `template-invalid` */
function choosePassword(source: QemuSource): string {
  const { password } = source.boot.vnc;
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';
  if (!password) return Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('');
  if (password.length > 8) {
    throw new KilnError(
      'template-invalid',
      'vnc_password is longer than 8 characters, and VNC knows no more',
      {
        hint: 'shorten vnc_password to 8 characters or fewer',
      },
    );
  }
  return password;
}

async function offerVnc(
  qemu: RunningQemu,
  source: QemuSource,
  context: HostContext,
  port: number | undefined,
  password: string | undefined,
): Promise<void> {
  if (port === undefined) return;
  if (password !== undefined) {
    await qemu.qmp.expect('set_password', { protocol: 'vnc', password });
  }
  // A password of the template's author is known to its author; one that was drawn here has to be shown.
  const shown = password === undefined || source.boot.vnc.password ? '' : `, password ${password}`;
  context.say(`The machine's screen is at vnc://${source.boot.vnc.bindAddress}:${port}${shown}`);
}

function isPortTaken(error: unknown): boolean {
  return (
    error instanceof KilnError &&
    error.code === 'qemu-failed' &&
    /Could not set up host forwarding rule|Address already in use|Failed to find an available port/.test(
      error.message,
    )
  );
}
