import { basename, join } from 'node:path';
import type { DiskOutput, Output, StoreOutput } from '../../../plan/output.ts';
import { partOfId, versionNumber } from '../model/arm-id.ts';
import type { Distributor, ImageTemplate, SharedImageDistributor } from '../model/image-template.ts';
import { compareVersions, nextVersion } from '../model/next-version.ts';
import type { CompiledSource } from './compile-source.ts';
import type { TemplateContext } from './plan-context.ts';
import { galleryImageName, managedImageName } from './store-names.ts';

/**
 * Where the image goes: images of the store for those of Azure, fixed VHD files beside the template for VHDs. The store
 * comes last, because then it may take the built disk instead of copying it.
 */
export function compileOutputs(
  template: ImageTemplate,
  source: CompiledSource,
  context: TemplateContext,
): readonly (readonly Output[])[] {
  const { distribute, validate } = template.properties;
  if (validate?.sourceValidationOnly) return [];
  const outputs = distribute.map((one, index) => compileOne(one, index, source, context));
  const disks = outputs.filter((one) => one.kind === 'disk');
  return [...disks, ...outputs.filter((one) => one.kind === 'store')].map((one) => [one]);
}

function compileOne(
  one: Distributor,
  index: number,
  source: CompiledSource,
  context: TemplateContext,
): DiskOutput | StoreOutput {
  const path = ['properties', 'distribute', index];
  const at = context.at(path);
  const base = { name: one.runOutputName, at };
  switch (one.type) {
    case 'ManagedImage':
      return { ...base, kind: 'store', references: [`${managedImageName(one.imageId)}:latest`] };
    case 'SharedImage':
      return { ...base, kind: 'store', references: galleryReferences(one, source, context) };
    case 'VHD': {
      const file = `${one.runOutputName}.vhd`;
      if (one.uri) {
        context.problems.warning(
          context.at([...path, 'uri']),
          `the disk is written to ${basename(context.outputFolder)}/${file}; nothing is sent to ${one.uri}`,
        );
      }
      return {
        ...base,
        kind: 'disk',
        format: 'vhd-fixed',
        path: join(context.outputFolder, file),
        compress: false,
      };
    }
  }
}

/** The version that is to be, and `latest` where it is the highest that counts for that. */
function galleryReferences(
  { galleryImageId, versioning, excludeFromLatest = false }: SharedImageDistributor,
  source: CompiledSource,
  { gallery, problems, at }: TemplateContext,
): readonly string[] {
  const name = galleryImageName(galleryImageId);
  const existing = gallery.versions(name);
  const given = partOfId(galleryImageId, 'versions');
  const isGiven = given !== undefined && versionNumber.test(given);
  const version = isGiven ? given : nextVersion(existing, versioning, source.version);
  if (isGiven && existing.includes(version)) {
    problems.warning(
      at(['properties', 'distribute']),
      `the version ${version} of ${name} is there already, and will be the new image`,
      'leave "/versions/…" out of the id to have versions counted up',
    );
  }
  const latest = gallery.latest(name);
  const isLatest = !excludeFromLatest && (latest === undefined || compareVersions(version, latest) >= 0);
  return [`${name}:${version}`, ...(isLatest ? [`${name}:latest`] : [])];
}
