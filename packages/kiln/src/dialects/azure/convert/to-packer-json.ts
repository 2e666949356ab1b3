import type { Diagnostic } from '../../../base/diagnostics.ts';
import type { ImageRef } from '../../../plan/image-ref.ts';
import type { OpenedTemplate } from '../arm/open-templates.ts';
import { type Catalogue, findImage } from '../catalogue/catalogue.ts';
import type { Customizer, TemplateSource } from '../model/image-template.ts';
import { vmSize } from '../plan/vm-size.ts';
import { addCommonLosses } from './common-losses.ts';
import { fetchedScript, fetchLines, isUrl, Losses } from './losses.ts';

type Json = Record<string, unknown>;

/** Cloud images of the releases that Kiln makes itself: Packer starts from a disk that is there. */
const cloudImages: Readonly<Record<string, readonly [image: string, sums: string]>> = {
  'debian/11': cloudImage(
    'https://cloud.debian.org/images/cloud/bullseye/latest',
    'debian-11-genericcloud-amd64.qcow2',
    'SHA512SUMS',
  ),
  'debian/12': cloudImage(
    'https://cloud.debian.org/images/cloud/bookworm/latest',
    'debian-12-genericcloud-amd64.qcow2',
    'SHA512SUMS',
  ),
  'debian/13': cloudImage(
    'https://cloud.debian.org/images/cloud/trixie/latest',
    'debian-13-genericcloud-amd64.qcow2',
    'SHA512SUMS',
  ),
  'ubuntu/22.04': cloudImage(
    'https://cloud-images.ubuntu.com/jammy/current',
    'jammy-server-cloudimg-amd64.img',
    'SHA256SUMS',
  ),
  'ubuntu/24.04': cloudImage(
    'https://cloud-images.ubuntu.com/noble/current',
    'noble-server-cloudimg-amd64.img',
    'SHA256SUMS',
  ),
};

function cloudImage(folder: string, file: string, sums: string): readonly [string, string] {
  return [`${folder}/${file}`, `file:${folder}/${sums}`];
}

const user = 'kiln';

/** Image templates as a Packer template in JSON for QEMU, with what is lost. */
export function toPackerJson(
  templates: readonly OpenedTemplate[],
  catalogue: Catalogue,
  { isUpgraded = false }: { readonly isUpgraded?: boolean } = {},
): { readonly text: string; readonly diagnostics: readonly Diagnostic[] } {
  const losses = new Losses();
  const parts = templates.map((one) => ({ one, only: templates.length > 1 ? { only: [one.name] } : {} }));
  const template = {
    builders: parts.map(({ one }) => toBuilder(one, catalogue, losses)),
    provisioners: parts.flatMap(({ one, only }) =>
      toProvisioners(one, losses).map((step) => ({ ...step, ...only })),
    ),
    'post-processors': parts.flatMap(({ one, only }) =>
      toPostProcessors(one, losses).map((step) => ({ ...step, ...only })),
    ),
  };
  // Becoming HCL2, a text's holes are filled once, and there are Packer's own still.
  const text = JSON.stringify(template, null, 2).replaceAll(
    JSON.stringify(bracesInText).slice(1, -1),
    JSON.stringify(isUpgraded ? literal(bracesInText) : bracesInText).slice(1, -1),
  );
  return { text: `${text}\n`, diagnostics: losses.list() };
}

function toBuilder(opened: OpenedTemplate, catalogue: Catalogue, losses: Losses): Json {
  const { template, name } = opened;
  const { source, vmProfile } = template.properties;
  addCommonLosses(opened, losses);
  const size = vmProfile?.vmSize ? vmSize(vmProfile.vmSize) : undefined;
  return {
    type: 'qemu',
    name,
    disk_image: true,
    ...diskOf(source, catalogue, opened, losses),
    ...(vmProfile?.osDiskSizeGB ? { disk_size: `${vmProfile.osDiskSizeGB}G` } : { skip_resize_disk: true }),
    ...(size && { cpus: size.cpus, memory: Math.round(size.memory / 2 ** 20) }),
    format: 'qcow2',
    headless: true,
    output_directory: `output-${name}`,
    vm_name: `${name}.qcow2`,
    cd_label: 'cidata',
    cd_content: {
      'meta-data': `instance-id: ${name}\n`,
      'user-data': [
        '#cloud-config',
        'users:',
        `  - name: ${user}`,
        '    shell: /bin/bash',
        '    sudo: "ALL=(ALL) NOPASSWD:ALL"',
        '    ssh_authorized_keys:',
        '      - "{{ .SSHPublicKey }}"',
        '',
      ].join('\n'),
    },
    communicator: 'ssh',
    ssh_username: user,
    ssh_timeout: '20m',
    shutdown_command: 'sudo -n poweroff',
  };
}

function diskOf(source: TemplateSource, catalogue: Catalogue, { at }: OpenedTemplate, losses: Losses): Json {
  const image = source.type === 'PlatformImage' ? findImage(source, catalogue)?.image : undefined;
  const known = image && packerImage(image);
  if (known) return { iso_url: known[0], iso_checksum: known[1] };
  losses.add(
    at(['properties', 'source']),
    `what the machine starts from is to be filled in: ${source.type} has no counterpart`,
    'put the path of a disk in the place of disk.qcow2; an image of the store comes out with `kiln image export`',
  );
  return { iso_url: 'disk.qcow2', iso_checksum: 'none' };
}

function packerImage(image: ImageRef): readonly [string, string] | undefined {
  if (image.kind === 'distribution') return cloudImages[`${image.distribution}/${image.release}`];
  if (image.kind === 'file') return [image.path, 'none'];
  if (image.kind !== 'url') return undefined;
  const { checksum } = image;
  const sum =
    checksum.kind === 'digest'
      ? `${checksum.algorithm}:${checksum.hex}`
      : checksum.kind === 'from'
        ? `file:${checksum.location}`
        : 'none';
  return [image.urls[0] ?? '', sum];
}

function toProvisioners(opened: OpenedTemplate, losses: Losses): readonly Json[] {
  const { customize = [], validate } = opened.template.properties;
  return [
    ...customize.flatMap((one, index) =>
      toProvisioner(one, ['properties', 'customize', index], opened, losses),
    ),
    ...(validate?.inVMValidations ?? []).flatMap((one, index) =>
      toProvisioner(one, ['properties', 'validate', 'inVMValidations', index], opened, losses),
    ),
  ];
}

function toProvisioner(
  one: Customizer,
  path: readonly (string | number)[],
  { at }: OpenedTemplate,
  losses: Losses,
): readonly Json[] {
  switch (one.type) {
    case 'Shell': {
      const { scriptUri = '', inline = [], sha256Checksum = '' } = one;
      if (scriptUri === '') return [{ type: 'shell', inline: inline.map(literal) }];
      if (!isUrl(scriptUri)) return [{ type: 'shell', script: literal(scriptUri) }];
      losses.add(at(path), `${scriptUri} is fetched inside of the machine, which needs curl`);
      return [{ type: 'shell', inline: fetchedScript(scriptUri, sha256Checksum).map(literal) }];
    }
    case 'File': {
      const { sourceUri, destination, sha256Checksum = '' } = one;
      if (!isUrl(sourceUri))
        return [{ type: 'file', source: literal(sourceUri), destination: literal(destination) }];
      losses.add(at(path), `${sourceUri} is fetched inside of the machine, which needs curl`);
      return [{ type: 'shell', inline: fetchLines(sourceUri, sha256Checksum, destination).map(literal) }];
    }
    case 'PowerShell': {
      const { scriptUri = '', inline = [], runElevated, runAsSystem, validExitCodes } = one;
      if (isUrl(scriptUri)) {
        losses.add(at(path), `${scriptUri} is lost: Packer runs scripts of this host`, 'download it');
        return [];
      }
      return [
        {
          type: 'powershell',
          ...(scriptUri === '' ? { inline: inline.map(literal) } : { script: literal(scriptUri) }),
          ...(runElevated && { elevated_user: runAsSystem ? 'SYSTEM' : user, elevated_password: '' }),
          ...(validExitCodes?.length && { valid_exit_codes: validExitCodes }),
        },
      ];
    }
    case 'WindowsRestart':
      return [
        {
          type: 'windows-restart',
          ...(one.restartCommand && { restart_command: literal(one.restartCommand) }),
          ...(one.restartCheckCommand && { restart_check_command: literal(one.restartCheckCommand) }),
          ...(one.restartTimeout && { restart_timeout: one.restartTimeout }),
        },
      ];
    case 'WindowsUpdate':
      losses.add(at(path), 'WindowsUpdate is lost', 'there is a plugin "windows-update" for Packer');
      return [];
  }
}

function toPostProcessors({ template, name, at }: OpenedTemplate, losses: Losses): readonly Json[] {
  return template.properties.distribute.flatMap((one, index) => {
    if (one.type === 'VHD') {
      const disk = `output-${name}/${name}.qcow2`;
      const target = `output-${name}/${one.runOutputName}.vhd`;
      const inline = [`qemu-img convert -O vpc -o subformat=fixed,force_size=on ${disk} ${target}`];
      return [{ type: 'shell-local', inline }];
    }
    losses.add(
      at(['properties', 'distribute', index]),
      `the target ${one.runOutputName} (${one.type}) is lost: the image is output-${name}/${name}.qcow2`,
      '`kiln build --tag NAME` puts it into the store',
    );
    return [];
  });
}

/** Two braces that are no hole. */
const bracesInText = '{{ "{{" }}';

/** A text in which Packer sees no holes. */
function literal(text: string): string {
  return text.replaceAll('{{', bracesInText);
}
