import { partOfId, versionNumber } from '../../dialects/azure/model/arm-id.ts';
import { textAt, valueAt } from '../runs/run-size.ts';
import { ServiceError } from '../service-error.ts';
import type { Trigger } from './triggers.ts';

/**
 * What a template must be like for a trigger on its source, as Azure has it: a source that changes, and targets that
 * take a new version each time without being the source themselves.
 * @throws ServiceError 400, 409
 */
export function checkSourceTrigger(
  template: unknown,
  own: Trigger | undefined,
  all: readonly Trigger[],
): void {
  const other = all.find(({ kind, id }) => kind === 'SourceImage' && id !== own?.id);
  if (other) {
    throw new ServiceError(
      409,
      'Conflict',
      `the image template has a SourceImage trigger already (${other.name})`,
    );
  }
  const bad = (message: string) => new ServiceError(400, 'ValidationFailed', message);
  const source = (name: string) => textAt(template, ['properties', 'source', name]) ?? '';
  const isLatest = (version: string) => version === '' || version.toLowerCase() === 'latest';
  const imageVersion = source('imageVersionId');
  switch (source('type')) {
    case 'PlatformImage':
      if (!isLatest(source('version')))
        throw bad('the source is one version forever; a trigger needs "latest"');
      break;
    case 'SharedImageVersion':
      if (!isLatest(partOfId(imageVersion, 'versions') ?? '')) {
        throw bad(
          'the source is one version forever; a trigger needs "latest" as the last part of imageVersionId',
        );
      }
      break;
    default:
      throw bad('a SourceImage trigger needs a PlatformImage or a SharedImageVersion as source');
  }
  const targets = (valueAt(template, ['properties', 'distribute']) ?? []) as readonly unknown[];
  for (const target of targets) {
    const id = textAt(target, ['galleryImageId']);
    if (id === undefined) continue;
    if (versionNumber.test(partOfId(id, 'versions') ?? '')) {
      throw bad(
        `the target ${id} is one version, which a second run could not make; leave "/versions/…" out`,
      );
    }
    const definition = (of: string) => of.toLowerCase().replace(/\/versions\/[^/]+$/, '');
    if (definition(id) === definition(imageVersion)) {
      throw bad('the source and a target are the same image definition: every run would start the next one');
    }
  }
}
