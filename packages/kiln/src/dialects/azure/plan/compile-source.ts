import { existsSync } from 'node:fs';
import { formatSize } from '../../../base/sizes.ts';
import { type SshCommunicator, sshDefaults } from '../../../plan/communicator.ts';
import type { ImageRef } from '../../../plan/image-ref.ts';
import type { QemuMedia, QemuSource } from '../../../plan/qemu-source.ts';
import { findImage, type ImageLogin } from '../catalogue/catalogue.ts';
import { partOfId } from '../model/arm-id.ts';
import type { ImageTemplate, PlatformImageSource, SharedImageSource } from '../model/image-template.ts';
import type { TemplateContext } from './plan-context.ts';
import { galleryImageName, managedImageName } from './store-names.ts';
import { defaultVmSize, vmSize } from './vm-size.ts';

/** What a build starts from. */
export interface CompiledSource {
  readonly image: ImageRef;
  readonly login: ImageLogin;
  readonly system: 'linux' | 'windows';
  /** The exact version, where there is one: what `versioning` by the source follows. */
  readonly version?: string;
}

const sourcePath = ['properties', 'source'] as const;

/** Undefined when Kiln does not have what the template starts from; the problems say what to do. */
export function compileSourceImage(
  template: ImageTemplate,
  context: TemplateContext,
): CompiledSource | undefined {
  const { source } = template.properties;
  if (context.sourceImage) return { ...context.sourceImage, system: systemOf(source, context) };
  switch (source.type) {
    case 'PlatformImage':
      return platformImage(source, context);
    case 'ManagedImage': {
      const name = managedImageName(source.imageId);
      if (!context.madeHere?.has(name)) warnMissing(name, 'latest', context);
      return stored(`${name}:latest`);
    }
    case 'SharedImageVersion':
      return sharedImage(source, context);
  }
}

/** What system a source is of, as far as it can be told. */
export function systemOf(
  source: ImageTemplate['properties']['source'],
  { catalogue }: Pick<TemplateContext, 'catalogue'>,
): 'linux' | 'windows' {
  const found = source.type === 'PlatformImage' ? findImage(source, catalogue) : undefined;
  return found?.system ?? 'linux';
}

function platformImage(source: PlatformImageSource, context: TemplateContext): CompiledSource | undefined {
  const { problems, catalogue, at } = context;
  const found = findImage(source, catalogue);
  const { publisher = '?', offer = '?', sku = '?', version = 'latest' } = source;
  const urn = `${publisher}:${offer}:${sku}:${version}`;
  const other =
    'give another image with --source-image FILE, or add an entry to azure-images.yaml in the folder of $KILN_HOME';
  if (!found?.image) {
    problems.error(
      at(sourcePath),
      found ? `Kiln cannot get the image ${urn}` : `Kiln's catalogue has nothing like the image ${urn}`,
      found?.needs ? `${found.needs}; then ${other}` : other,
    );
    return undefined;
  }
  const { image, login, system } = found;
  if (image.kind === 'file' && !existsSync(image.path)) {
    problems.error(at(sourcePath), `the catalogue takes ${image.path} for ${urn}, and there is no such file`);
  }
  const exact = version.toLowerCase() === 'latest' ? {} : { version };
  return { image, login, system, ...exact };
}

function sharedImage({ imageVersionId }: SharedImageSource, context: TemplateContext): CompiledSource {
  const name = galleryImageName(imageVersionId);
  const asked = partOfId(imageVersionId, 'versions') ?? 'latest';
  // What the same file makes is newer than all that is there.
  if (asked.toLowerCase() === 'latest' && context.madeHere?.has(name)) return stored(`${name}:latest`);
  const version = asked.toLowerCase() === 'latest' ? context.gallery.latest(name) : asked;
  warnMissing(name, version ?? 'latest', context);
  return { ...stored(`${name}:${version ?? 'latest'}`), ...(version !== undefined && { version }) };
}

function stored(reference: string): CompiledSource {
  return { image: { kind: 'store', reference }, login: { kind: 'kiln-or-cloud-init' }, system: 'linux' };
}

/** Another build of the same file may make it, so that this is no error yet. */
function warnMissing(name: string, tag: string, { gallery, problems, at }: TemplateContext): void {
  if (gallery.has(name, tag)) return;
  const what = tag === 'latest' ? `no image ${name}` : `no version ${tag} of the image ${name}`;
  problems.warning(
    at(sourcePath),
    `the store has ${what} now`,
    `build it, or bring it with \`kiln image import FILE ${name}:${tag}\``,
  );
}

/** A template's name as that of a host, and of a file: `..` is a name for Azure. */
function machineName(name: string): string {
  return (
    name
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 63) || 'build'
  );
}

const gib = 2 ** 30;
/** Long enough for a slow machine that stops its services in order. */
const shutdownTimeout = 300_000;

export function compileMachine(
  template: ImageTemplate,
  { image, login, system }: CompiledSource,
  context: TemplateContext,
): QemuSource {
  const { vmProfile, additionalDataDisks = [] } = template.properties;
  const communicator = communicatorOf(login);
  const disks = additionalDataDisks.flatMap(({ sizeGB = 0 }) => (sizeGB > 0 ? [sizeGB * gib] : []));
  const diskSize = (vmProfile?.osDiskSizeGB ?? 0) * gib;
  return {
    kind: 'qemu',
    disk: image,
    communicator,
    hardware: {
      accelerator: 'auto',
      ...hardwareOf(vmProfile?.vmSize ?? '', context),
      firmware: { kind: 'bios' },
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
    media: usesCloudInit(login) ? cloudInit(communicator.username, context.name) : {},
    shutdown: {
      command: system === 'windows' ? 'shutdown /s /t 5 /f' : 'sudo -n poweroff',
      acpi: true,
      timeout: shutdownTimeout,
      disabled: false,
    },
    result: {
      machineName: machineName(context.name),
      format: 'qcow2',
      ...(diskSize > 0 && { diskSize }),
      additionalDiskSizes: disks,
      skipCompaction: false,
      compress: false,
      useBackingFile: false,
      imgArgs: { convert: [], create: [], resize: [] },
    },
    seed: login.kind === 'kiln' || login.kind === 'kiln-or-cloud-init',
  };
}

/** Builds of Azure do not log in as root, and their scripts know it. */
const buildUser = 'kiln';

function communicatorOf(login: ImageLogin): SshCommunicator {
  if (login.kind !== 'ssh') {
    return { ...sshDefaults, username: buildUser, clearAuthorizedKeys: usesCloudInit(login) };
  }
  const { user, password, key, port } = login;
  return {
    ...sshDefaults,
    username: user,
    ...(password !== undefined && { password }),
    ...(key !== undefined && { privateKeyFile: key }),
    ...(port !== undefined && { port }),
  };
}

function usesCloudInit({ kind }: ImageLogin): boolean {
  return kind === 'cloud-init' || kind === 'kiln-or-cloud-init';
}

/**
 * A CD of cloud-init's NoCloud source (https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html). The
 * name of the instance is that of the build: an image that was made so before makes the user's key anew.
 */
function cloudInit(user: string, name: string): QemuMedia {
  const lines = [
    '#cloud-config',
    'users:',
    `  - name: ${user}`,
    '    shell: /bin/bash',
    '    sudo: "ALL=(ALL) NOPASSWD:ALL"',
    '    ssh_authorized_keys:',
    '      - "{{ .SSHPublicKey }}"',
    '',
  ];
  return {
    cd: {
      files: [],
      label: 'cidata',
      content: {
        'meta-data': `instance-id: build-of-${name}\nlocal-hostname: build\n`,
        'user-data': { kind: 'template', source: lines.join('\n') },
      },
    },
  };
}

/** What this host leaves to a machine of its memory. */
const share = 0.5;

function hardwareOf(
  given: string,
  { host, problems, at }: TemplateContext,
): { readonly cpus: number; readonly memory: number } {
  const place = at(['properties', 'vmProfile', 'vmSize']);
  const usual = vmSize(defaultVmSize)!;
  const size = given === '' ? usual : vmSize(given);
  if (!size) {
    problems.warning(
      place,
      `Kiln does not know the size ${given} of machines`,
      `it takes ${usual.cpus} processor and ${formatSize(usual.memory)} of memory, as ${defaultVmSize} has`,
    );
  }
  const { cpus, memory } = size ?? usual;
  const most = Math.max(512 * 2 ** 20, Math.floor((host.memory * share) / 2 ** 20) * 2 ** 20);
  const fits = cpus <= host.cpus && memory <= most;
  const cut = { cpus: Math.min(cpus, host.cpus), memory: Math.min(memory, most) };
  if (!fits && given !== '') {
    problems.warning(
      place,
      `a machine of the size ${given} is more than this host has: it gets ${cut.cpus} of ${cpus} processors and ${formatSize(cut.memory)} of ${formatSize(memory)}`,
    );
  }
  return cut;
}
