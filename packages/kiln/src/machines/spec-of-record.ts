import { type MachineSpec, plainMachine } from '../plan/machine-spec.ts';
import type { MachineRecord } from './machine-record.ts';

/** What a machine that belongs to no file is to be when it comes up again: what it was. */
export function specOfRecord(record: MachineRecord): MachineSpec {
  return {
    ...plainMachine,
    name: record.name,
    image: { kind: 'store', reference: `sha256:${record.image.id ?? ''}` },
    cpus: record.cpus,
    memory: record.memory,
    hostname: record.hostname,
    ports: record.ports,
    firmware: record.firmware,
    login: {
      user: record.user,
      ...(record.guestSshPort === undefined ? {} : { port: record.guestSshPort }),
    },
    ...(record.hardware === undefined ? {} : { hardware: record.hardware }),
    ...(record.disks === undefined ? {} : { disks: record.disks }),
  };
}
