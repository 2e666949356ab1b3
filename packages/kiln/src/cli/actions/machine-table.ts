import { formatSize } from '../../base/sizes.ts';
import type { MachineRecord, MachineState } from '../../machines/machine-record.ts';
import type { Stream } from '../context.ts';

/** One row of `status` and `list`. */
export interface MachineRow {
  readonly name: string;
  readonly state: MachineState | 'not-created';
  readonly record?: MachineRecord;
}

export function machineJson({ name, state, record }: MachineRow): Record<string, unknown> {
  return {
    name,
    state,
    ...(record === undefined
      ? {}
      : {
          id: record.id,
          project: record.project ?? null,
          image: record.image.description,
          cpus: record.cpus,
          memory: record.memory,
          user: record.user,
          ssh: { host: '127.0.0.1', port: record.sshPort },
          ports: record.ports.map(({ guest, host, hostAddress, protocol }) => ({
            guest,
            host,
            hostAddress,
            protocol,
          })),
          createdAt: record.createdAt,
        }),
  };
}

export function printMachines(rows: readonly MachineRow[], stdout: Stream, withProject: boolean): void {
  const cells = rows.map(({ name, state, record }) => [
    name,
    state.replace('-', ' '),
    record?.image.description ?? '',
    record ? `${record.cpus} cpu, ${formatSize(record.memory)}` : '',
    record?.ports.map((port) => `${port.hostAddress}:${port.host}->${port.guest}`).join(' ') ?? '',
    ...(withProject ? [record?.project ?? ''] : []),
  ]);
  const header = ['NAME', 'STATE', 'IMAGE', 'SHAPE', 'PORTS', ...(withProject ? ['PROJECT'] : [])];
  const all = [header, ...cells];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  for (const row of all) {
    stdout.line(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
  }
}
