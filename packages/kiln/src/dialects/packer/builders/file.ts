import type { FileSource } from '../../../plan/source.ts';
import type { Options } from '../options.ts';

/** Packer's file builder: the artifact is a file. Undefined after a mistake that was reported. */
export function readFileBuilder(options: Options): FileSource | undefined {
  const { context } = options;
  const target = options.string('target');
  const source = options.string('source');
  const content = options.string('content');
  options.finish();
  if (target === undefined) options.missing('target', 'name the file to make');
  if (source !== undefined && content !== undefined) {
    options.error('content', 'only one of "source" and "content" is possible');
  } else if (!options.has('source') && !options.has('content')) {
    context.problems.warn(options.at, 'neither "source" nor "content" is given: the file will be empty');
  }
  if (source !== undefined) context.mustExist(source, 'file', options.placeOf('source'));
  if (target === undefined) return undefined;
  return {
    kind: 'file',
    target: context.path(target),
    from:
      source === undefined
        ? { kind: 'content', content: content ?? '' }
        : { kind: 'copy', path: context.path(source) },
  };
}
