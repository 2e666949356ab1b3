import type { ImageRecord } from '../../store/image-record.ts';
import type { BuildFacts, Dependency } from '../provenance/build-facts.ts';

/** What an image is called where its own name must be told: what it was made as. */
export function imageName({ id, provenance: { made } }: Pick<ImageRecord, 'id' | 'provenance'>): string {
  return made.slice(made.indexOf(' ') + 1) || `sha256:${id}`;
}

/** True when Kiln made the image: it can say how. Of imported ones it knows nothing. */
export function wasBuilt({ provenance: { made } }: Pick<ImageRecord, 'provenance'>): boolean {
  return /^(?:build|bootstrap) /.test(made);
}

/** How an image was made, as far as the store's record says. */
export function factsOfRecord(record: ImageRecord): BuildFacts {
  const { made, template, key, inputs = [], base, packages = [], startedAt, finishedAt } = record.provenance;
  const dependencies: Dependency[] = [];
  if (base) dependencies.push({ kind: 'base', name: `sha256:${base.slice(0, 12)}`, sha256: base });
  for (const { what, digest } of inputs) dependencies.push({ kind: 'file', path: what, sha256: digest });
  const os = systemOf(made);
  for (const text of os ? packages : []) {
    const [name, version] = splitOnce(text);
    dependencies.push({ kind: 'named-package', name, version, os: os! });
  }
  return {
    subjects: [{ name: imageName(record), sha256: record.id }],
    builder: made.startsWith('bootstrap ') ? 'bootstrap' : 'machine',
    image: imageName(record),
    ...(template && { template: { name: template.file, sha256: template.digest } }),
    dependencies,
    ...(key !== undefined && { key }),
    ...(startedAt !== undefined && finishedAt !== undefined && { times: { startedAt, finishedAt } }),
  };
}

/** `bootstrap debian/12`. */
function systemOf(made: string): { readonly id: string; readonly version: string } | undefined {
  const match = /^bootstrap ([a-z]+)\/([\d.]+)$/.exec(made);
  return match ? { id: match[1]!, version: match[2]! } : undefined;
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
