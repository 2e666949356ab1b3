import type { ContainerSpec } from '../../plan/container-spec.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';

/** By these labels a container is known as a machine of Kiln's. */
export const machineLabel = 'kiln.machine';

export interface ContainerArguments {
  readonly spec: MachineSpec & { readonly container: ContainerSpec };
  /** The machine's id. */
  readonly id: string;
  /** What the engine is to call it. */
  readonly name: string;
  readonly image: string;
  readonly hostname: string;
  /** Ports as they were settled. */
  readonly ports: MachineSpec['ports'];
}

/** Words for `docker create`, those of the spec last, so that they win. */
export function containerArguments(input: ContainerArguments): string[] {
  const { spec, id, name, image, hostname, ports } = input;
  const { container } = spec;
  return [
    'create',
    ...['--name', name, '--hostname', hostname, '--label', `${machineLabel}=${id}`],
    ...ports.flatMap((port) => ['--publish', publishWord(port)]),
    ...container.publish.flatMap((word) => ['--publish', word]),
    ...container.expose.flatMap((port) => ['--expose', String(port)]),
    // Values stand in the environment of docker(1) itself: other users can read command lines.
    ...Object.keys(container.environment).flatMap((key) => ['--env', key]),
    ...spec.folders.flatMap(({ hostPath, guestPath, readOnly }) => [
      '--mount',
      mountWord(hostPath, guestPath, readOnly),
    ]),
    ...container.volumes.flatMap((word) => ['--volume', word]),
    ...container.links.flatMap((word) => ['--link', word]),
    ...(container.privileged ? ['--privileged'] : []),
    ...container.createArguments,
    image,
    ...container.command,
  ];
}

function publishWord({ hostAddress, host, guest, protocol }: MachineSpec['ports'][number]): string {
  const address = hostAddress.includes(':') ? `[${hostAddress}]` : hostAddress;
  return `${address}:${host}:${guest}/${protocol}`;
}

/** Fields of comma-separated values: a path with a comma or a quotation mark stands in quotation marks. */
function mountWord(from: string, to: string, readOnly: boolean): string {
  const field = (text: string) => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const fields = [
    'type=bind',
    field(`source=${from}`),
    field(`target=${to}`),
    ...(readOnly ? ['readonly'] : []),
  ];
  return fields.join(',');
}
