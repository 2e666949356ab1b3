import { stringify } from 'yaml';
import type { Diagnostic } from '../../../base/diagnostics.ts';
import { escaped, escapedScript } from '../../../base/yaml/interpolate.ts';
import type { ImageRef } from '../../../plan/image-ref.ts';
import type { OpenedTemplate } from '../arm/open-templates.ts';
import { type Catalogue, findImage } from '../catalogue/catalogue.ts';
import { partOfId } from '../model/arm-id.ts';
import type { Customizer, Distributor, TemplateSource } from '../model/image-template.ts';
import { galleryImageName, managedImageName } from '../plan/store-names.ts';
import { vmSize } from '../plan/vm-size.ts';
import { addCommonLosses } from './common-losses.ts';
import { fetchedScript, fetchLines, isUrl, Losses } from './losses.ts';

type Yaml = Record<string, unknown>;

/** Azure's scripts run as a user that is not root, and may use sudo. */
const user = 'kiln';

/** Image templates as a kiln.yaml, with what is lost. */
export function toKilnYaml(
  templates: readonly OpenedTemplate[],
  catalogue: Catalogue,
): { readonly text: string; readonly diagnostics: readonly Diagnostic[] } {
  const losses = new Losses();
  const images = templates.map((one) => [imageName(one.name), toImage(one, catalogue, losses)]);
  const file = { kiln: 1, images: Object.fromEntries(images) as Yaml };
  return { text: stringify(file, { lineWidth: 0 }), diagnostics: losses.list() };
}

function imageName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/([._-])[._-]+/g, '$1')
    .replace(/^[._-]+|[._-]+$/g, '')
    .slice(0, 63);
}

function toImage(opened: OpenedTemplate, catalogue: Catalogue, losses: Losses): Yaml {
  const { template, at, name } = opened;
  const { source, customize = [], validate, distribute, vmProfile } = template.properties;
  addCommonLosses(opened, losses);
  const size = vmProfile?.vmSize ? vmSize(vmProfile.vmSize) : undefined;
  const steps = [
    ...customize.flatMap((one, index) => toSteps(one, ['properties', 'customize', index], opened, losses)),
    ...(validate?.inVMValidations ?? []).flatMap((one, index) =>
      toSteps(
        { ...one, name: `validate: ${one.name || one.type}` },
        ['properties', 'validate', 'inVMValidations', index],
        opened,
        losses,
      ),
    ),
  ];
  const outputs = distribute.flatMap((one) => toOutput(one, name));
  for (const [index, one] of distribute.entries()) {
    if (one.type === 'VHD') continue;
    const was =
      one.type === 'SharedImage' ? galleryImageName(one.galleryImageId) : managedImageName(one.imageId);
    losses.add(
      at(['properties', 'distribute', index]),
      `the image goes into the store as ${imageName(name)}:latest, not as ${was}${one.type === 'SharedImage' ? ' with a version that is counted up' : ''}`,
      `\`kiln build --tag ${was}:VERSION\` gives it that name`,
    );
  }
  return {
    ...fromOf(source, catalogue, opened, losses),
    ...(size && { cpus: size.cpus, memory: `${Math.round(size.memory / 2 ** 20)}M` }),
    ...(vmProfile?.osDiskSizeGB && { disk: `${vmProfile.osDiskSizeGB}G` }),
    ...(steps.length > 0 && { steps }),
    ...(outputs.length > 0 && { outputs }),
  };
}

function fromOf(source: TemplateSource, catalogue: Catalogue, { at }: OpenedTemplate, losses: Losses): Yaml {
  const place = at(['properties', 'source']);
  switch (source.type) {
    case 'ManagedImage':
      return { from: managedImageName(source.imageId) };
    case 'SharedImageVersion': {
      const version = partOfId(source.imageVersionId, 'versions') ?? 'latest';
      return { from: `${galleryImageName(source.imageVersionId)}:${version.toLowerCase()}` };
    }
    case 'PlatformImage': {
      const found = findImage(source, catalogue);
      if (found?.image) {
        if (found.login.kind === 'cloud-init')
          losses.add(
            place,
            'how to log in to this image is to be filled in',
            'set "user" and "key" below "ssh"',
          );
        return { ...fromImage(found.image), ...(found.login.kind === 'cloud-init' && { ssh: { user } }) };
      }
      losses.add(
        place,
        `Kiln has nothing for ${source.publisher ?? '?'}:${source.offer ?? '?'}:${source.sku ?? '?'}`,
        found?.needs ?? 'put an image of that system in the place of ./disk.qcow2',
      );
      return { from: './disk.qcow2', ssh: { user } };
    }
  }
}

function fromImage(image: ImageRef): Yaml {
  switch (image.kind) {
    case 'distribution':
      return { from: `${image.distribution}/${image.release}` };
    case 'file':
      return { from: image.path };
    case 'store':
      return { from: image.reference };
    case 'url': {
      const { checksum } = image;
      const sum =
        checksum.kind === 'digest'
          ? `${checksum.algorithm}:${checksum.hex}`
          : checksum.kind === 'from'
            ? `file:${checksum.location}`
            : 'none';
      return { from: image.urls[0], checksum: sum };
    }
    default:
      return { from: './disk.qcow2' };
  }
}

function toSteps(
  one: Customizer,
  path: readonly (string | number)[],
  { at }: OpenedTemplate,
  losses: Losses,
): readonly Yaml[] {
  const named = one.name ? { name: escaped(one.name) } : {};
  switch (one.type) {
    case 'Shell': {
      const { scriptUri = '', inline = [], sha256Checksum = '' } = one;
      if (scriptUri === '') return [{ ...named, run: { inline: script(inline), user } }];
      if (!isUrl(scriptUri)) {
        if (sha256Checksum !== '') losses.add(at(path), 'the checksum of the script is lost');
        return [{ ...named, run: { script: escaped(scriptUri), user } }];
      }
      losses.add(at(path), `${scriptUri} is fetched inside of the machine, which needs curl`);
      return [{ ...named, run: { inline: script(fetchedScript(scriptUri, sha256Checksum)), user } }];
    }
    case 'File': {
      const { sourceUri, destination, sha256Checksum = '' } = one;
      if (isUrl(sourceUri)) {
        losses.add(at(path), `${sourceUri} is fetched inside of the machine, which needs curl`);
        return [
          { ...named, run: { inline: script(fetchLines(sourceUri, sha256Checksum, destination)), user } },
        ];
      }
      if (sha256Checksum !== '') losses.add(at(path), 'the checksum of the file is lost');
      return [
        { ...named, copy: { from: escaped(besideFile(sourceUri)), to: escaped(destination), owner: user } },
      ];
    }
    default:
      losses.add(at(path), `${one.type} is lost: kiln.yaml has no steps for Windows`);
      return [];
  }
}

function besideFile(path: string): string {
  return path.replace(/^\.\//, '');
}

function script(lines: readonly string[]): string {
  return escapedScript(`${lines.join('\n')}\n`);
}

function toOutput(one: Distributor, name: string): readonly Yaml[] {
  if (one.type !== 'VHD') return [];
  return [{ disk: { path: `output-${name}/${one.runOutputName}.vhd`, format: 'vhd-fixed' } }];
}
