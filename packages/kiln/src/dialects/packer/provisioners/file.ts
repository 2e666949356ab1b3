import type { FileStep } from '../../../plan/step.ts';
import type { Text } from '../../../plan/text.ts';
import { lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';
import type { StepMeta } from './step-meta.ts';

/** Packer's file provisioner (https://developer.hashicorp.com/packer/docs/provisioners/file). */
export function readFileProvisioner(options: Options, meta: StepMeta): FileStep | undefined {
  const direction = options.oneOf('direction', ['upload', 'download']) ?? 'upload';
  const several = options.texts('sources', lateBuildValues);
  const one = options.text('source', lateBuildValues);
  const content = options.text('content', lateBuildValues);
  const destination = options.text('destination', lateBuildValues);
  const generated = options.boolean('generated');
  options.finish();
  const sources = one === undefined ? several : [...several, one];
  if (destination === undefined) options.missing('destination');
  if (sources.length > 0 && content !== undefined) {
    options.error('content', 'only one of "content" and "source" is possible');
  }
  if (sources.length === 0 && content === undefined) {
    options.error(undefined, '"source" is missing', 'give "source", "sources" or "content"');
  }
  if (direction === 'download' && content !== undefined) {
    options.error('content', 'a download has no "content"');
  }
  if (direction === 'upload' && !generated) checkSources(options, several, one);
  if (destination === undefined) return undefined;
  const isUpload = direction === 'upload';
  const local = (text: Text): Text => (typeof text === 'string' ? options.context.path(text) : text);
  return {
    kind: 'file',
    ...meta,
    direction,
    sources: isUpload ? sources.map(local) : sources,
    ...(content !== undefined && { content }),
    destination: isUpload ? destination : local(destination),
    generated,
  };
}

function checkSources(options: Options, several: readonly Text[], one: Text | undefined): void {
  const places = options.items('sources');
  several.forEach((source, index) => {
    const at = places[index]?.at ?? options.placeOf('sources');
    if (typeof source === 'string') options.context.mustExist(source, 'source', at);
  });
  if (typeof one === 'string') options.context.mustExist(one, 'source', options.placeOf('source'));
}
