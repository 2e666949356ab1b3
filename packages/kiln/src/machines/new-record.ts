import { identifyProcess } from '../base/processes.ts';
import type { ImageRef } from '../plan/image-ref.ts';
import type { MachineDisk, MachineSpec } from '../plan/machine-spec.ts';
import type { LocalImage } from '../sources/image-resolver.ts';
import { disksOfImage, imagesOf } from './extra-disks.ts';
import { hostnameOf } from './hostname.ts';
import { type MachineRecord, newMachineId } from './machine-record.ts';

/** The record of a machine that is about to be made by this process. */
export function newRecord(spec: MachineSpec, image: LocalImage, project: string | undefined): MachineRecord {
  const maker = identifyProcess(process.pid);
  return {
    schema: 1,
    id: newMachineId(),
    name: spec.name,
    createdAt: new Date().toISOString(),
    image: { description: describeImage(spec.image), id: image.digest, seeded: image.seeded },
    hostname: spec.hostname ?? hostnameOf(spec.name),
    // Few files say it, and an image that needs EFI boots with nothing else.
    firmware: image.firmware === 'efi' ? 'efi' : spec.firmware,
    user: image.seeded ? (image.user ?? spec.login.user) : spec.login.user,
    sshPort: spec.sshForward?.host ?? 2222,
    ...(spec.login.port === undefined ? {} : { guestSshPort: spec.login.port }),
    ...(spec.cloudInit.length === 0 ? {} : { hasCloudInit: true }),
    ...changeable(spec, disksOfImage(image)),
    ...(project === undefined ? {} : { project }),
    ...(maker === undefined ? {} : { maker }),
  };
}

/**
 * What may differ from one start to the next.
 * @param brought disks that the machine's image has brought
 */
export function changeable(
  spec: MachineSpec,
  brought: readonly MachineDisk[],
): Pick<
  MachineRecord,
  'cpus' | 'memory' | 'ports' | 'hardware' | 'disks' | 'sshForward' | 'portRange' | 'haltTimeout' | 'primary'
> {
  const { sshForward: forward } = spec;
  // A machine that belongs to no file is what it was, and has them there, too.
  const disks = [...brought, ...spec.disks.filter((disk) => imagesOf([disk]).length === 0)];
  return {
    cpus: spec.cpus,
    memory: spec.memory,
    ports: spec.ports,
    ...(spec.hardware === undefined ? {} : { hardware: spec.hardware }),
    ...(disks.length === 0 ? {} : { disks }),
    ...(forward === undefined
      ? {}
      : { sshForward: { hostAddress: forward.hostAddress, autoCorrect: forward.autoCorrect } }),
    ...(spec.portRange === undefined ? {} : { portRange: spec.portRange }),
    ...(spec.haltTimeout === undefined ? {} : { haltTimeout: spec.haltTimeout }),
    ...(spec.primary ? { primary: true } : {}),
  };
}

export function describeImage(ref: ImageRef): string {
  switch (ref.kind) {
    case 'distribution':
      return `${ref.distribution}/${ref.release}`;
    case 'file':
      return ref.path;
    case 'url':
      return ref.urls[0] ?? 'a URL';
    case 'store':
      return ref.reference;
    case 'box':
      return ref.name;
    case 'empty':
      return 'an empty disk';
  }
}
