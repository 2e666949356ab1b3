import type { RawPlaced } from '../ruby/raw-result.ts';
import { cloudInitSettings, diskSettings } from '../settings/vm-settings.ts';
import type { VagrantCloudInit, VagrantDisk } from '../vagrant-config.ts';
import { finishSection, mapOf } from './coerce.ts';
import { checkFile, type MachineContext } from './machine-context.ts';

const units: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

/** Bytes of a size as Vagrant writes it, such as `10GB`; a bare number is in bytes. Undefined for anything else. */
export function bytesOf(size: unknown): number | undefined {
  if (typeof size === 'number') return Math.trunc(size);
  const found = typeof size === 'string' ? /^\s*(\d+)\s?(KB|MB|GB|TB)\s*$/.exec(size) : null;
  return found === null ? undefined : Number(found[1]) * units[found[2]!]!;
}

export function finishDisks(raw: readonly RawPlaced[], context: MachineContext): VagrantDisk[] {
  const { problems } = context;
  const disks = raw.map((one) => finishDisk(one, context));
  const twice = (values: readonly (string | undefined)[]) =>
    values.filter((value, index) => value !== undefined && values.indexOf(value) !== index);
  const last = raw.at(-1)?.place;
  if (disks.filter(({ primary, kind }) => primary && kind === 'disk').length > 1) {
    problems.error(last, 'only one disk can be the primary one');
  }
  for (const name of twice(disks.map((disk) => disk.name)))
    problems.error(last, `two disks have the name ${name}`);
  for (const file of twice(disks.map((disk) => disk.file)))
    problems.error(last, `two disks have the file ${file}`);
  return disks;
}

function finishDisk(raw: RawPlaced, context: MachineContext): VagrantDisk {
  const { problems } = context;
  const values = finishSection(raw, diskSettings, 'config.vm.disk', context);
  const { place } = raw;
  const { type } = values;
  const label = values.name ?? type;
  if (type !== 'disk' && type !== 'dvd' && type !== 'floppy') {
    problems.error(place, `there are no disks of type ${type}`, 'use :disk, :dvd or :floppy');
  }
  const size = bytesOf(values.size);
  if (type === 'disk' && size === undefined) {
    problems.error(place, `the disk ${label} needs a size such as "10GB"`);
  }
  if (type === 'dvd' && values.file === null) problems.error(place, `the dvd ${label} needs a file`);
  if (type === 'dvd' && values.primary) problems.error(place, `the dvd ${label} cannot be the primary disk`);
  if (values.file !== null) checkFile(context, place, `the ${type} ${label}`, values.file);
  if (values.name === null && !values.primary) problems.error(place, `a ${type} needs a name`);
  return {
    kind: type === 'dvd' || type === 'floppy' ? type : 'disk',
    at: problems.at(place),
    // Names become files.
    name: values.name?.replaceAll(/[^-a-z0-9_]/gi, '_') ?? (values.primary ? 'vagrant_primary' : undefined),
    size,
    file: values.file ?? undefined,
    primary: values.primary,
    extension: values.disk_ext?.toLowerCase() ?? undefined,
    providerConfig: mapOf(values.provider_config),
  };
}

/** https://developer.hashicorp.com/vagrant/docs/cloud-init/configuration */
const contentTypes = [
  'text/cloud-boothook',
  'text/cloud-config',
  'text/cloud-config-archive',
  'text/jinja2',
  'text/part-handler',
  'text/upstart-job',
  'text/x-include-once-url',
  'text/x-include-url',
  'text/x-shellscript',
];

export function finishCloudInit(raw: readonly RawPlaced[], context: MachineContext): VagrantCloudInit[] {
  const { problems } = context;
  return raw.map((one) => {
    const values = finishSection(one, cloudInitSettings, 'config.vm.cloud_init', context);
    const { place } = one;
    if (values.type !== 'user_data') {
      problems.error(place, `cloud_init knows only :user_data, not ${values.type}`);
    }
    const known = `known: ${contentTypes.join(', ')}`;
    if (values.content_type === null) problems.error(place, 'cloud_init needs a content_type', known);
    else if (!contentTypes.includes(values.content_type)) {
      problems.error(place, `cloud_init does not know the content_type ${values.content_type}`, known);
    }
    if (values.path !== null && values.inline !== null) {
      problems.error(place, 'cloud_init has either `path` or `inline`, not both');
    }
    if (values.path !== null) checkFile(context, place, 'cloud_init', values.path);
    return {
      at: problems.at(place),
      contentType: values.content_type ?? '',
      path: values.path ?? undefined,
      inline: values.inline ?? undefined,
      fileName: values.content_disposition_filename ?? undefined,
    };
  });
}
