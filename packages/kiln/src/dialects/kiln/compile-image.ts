import { existsSync, statSync } from 'node:fs';
import type { ImageRef } from '../../plan/image-ref.ts';
import type { Build } from '../../plan/plan.ts';
import type { QemuSource } from '../../plan/qemu-source.ts';
import type { CompileContext } from './compile-context.ts';
import { compileCommunicator, takesSeed } from './compile-login.ts';
import { compileOutputs } from './compile-outputs.ts';
import { compileImageProfile } from './compile-profile.ts';
import { compileRootfs } from './compile-rootfs.ts';
import { compileSteps, type StepContext } from './compile-steps.ts';
import { readImageReference } from './image-reference.ts';
import type { ImageEntry, MachineEntry } from './kiln-file.ts';

export const defaultMemory = 2 ** 30;
/** Long enough for a slow machine that stops its services in order. */
const shutdownTimeout = 300_000;

export function defaultCpus(context: CompileContext): number {
  return Math.max(1, Math.min(2, context.hostCpus));
}

/** One entry of `images:` as a build. Undefined when it has mistakes, which were reported. */
export function compileImage(name: string, entry: ImageEntry, context: CompileContext): Build | undefined {
  if (entry.builder === 'rootfs') return compileRootfs(name, entry, context);
  const disk = compileFrom(entry, entry.from, context);
  const seed = disk !== undefined && takesSeed(disk, entry.ssh);
  const login = compileCommunicator(entry.ssh, seed, context);
  const stepContext: StepContext = {
    ...context,
    loginUser: login.username,
    builder: 'qemu',
    machineName: name,
    parameters: entry.parameters ?? {},
  };
  const steps = [
    ...compileImageProfile(name, entry, stepContext),
    ...compileSteps(entry.steps ?? [], stepContext),
  ];
  const outputs = compileOutputs(name, entry, context);
  if (!disk) return undefined;
  if (!seed && entry.ssh === undefined) {
    context.problems.error(
      context.places.of(entry, 'from'),
      'Kiln does not know how to log in to this image',
      'add "ssh:" with "user:" and "password:" or "key:"',
    );
  }
  const source: QemuSource = {
    kind: 'qemu',
    disk,
    communicator: login,
    hardware: {
      accelerator: 'auto',
      cpus: entry.cpus ?? defaultCpus(context),
      memory: entry.memory ?? defaultMemory,
      firmware: entry.firmware === 'efi' ? { kind: 'efi', dropVars: false } : { kind: 'bios' },
      diskInterface: 'virtio',
      diskDiscard: 'unmap',
      diskDetectZeroes: 'unmap',
      netDevice: 'virtio-net',
      qemuArgs: [],
    },
    boot: {
      headless: true,
      command: [],
      wait: 0,
      keyGroupInterval: 0,
      vnc: { disabled: true, bindAddress: '127.0.0.1', usePassword: false, portMin: 5900, portMax: 6000 },
      hostPortMin: 2222,
      hostPortMax: 4444,
      skipNatMapping: false,
    },
    media: {},
    shutdown: {
      command: login.username === 'root' ? 'poweroff' : 'sudo -n poweroff',
      acpi: true,
      timeout: shutdownTimeout,
      disabled: false,
    },
    result: {
      machineName: name,
      format: 'qcow2',
      ...(entry.disk !== undefined && { diskSize: entry.disk }),
      additionalDiskSizes: [],
      skipCompaction: false,
      compress: false,
      useBackingFile: false,
      imgArgs: { convert: [], create: [], resize: [] },
    },
    seed,
  };
  return { name, type: 'qemu', source, steps, outputs, at: context.places.of(entry) };
}

/** What `from:` of an image or a machine names. The file it names must be there. */
export function compileFrom(
  entry: ImageEntry | MachineEntry,
  from: string,
  context: CompileContext,
): ImageRef | undefined {
  const { places, problems } = context;
  const at = places.of(entry, 'from');
  const image = readImageReference(
    from,
    entry.checksum === undefined ? undefined : { text: entry.checksum, at: places.of(entry, 'checksum') },
    { ...context, at },
  );
  if (image?.kind === 'file') {
    if (!existsSync(image.path)) problems.error(at, `there is no file ${image.path}`);
    else if (!statSync(image.path).isFile()) problems.error(at, `${image.path} is not a file`);
  }
  return image;
}
