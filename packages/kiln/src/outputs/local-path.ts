import { isAbsolute, relative, resolve } from 'node:path';
import type { OutputContext } from './output-context.ts';

type Places = Pick<OutputContext, 'folder'>;

/** Absolute path of a file that an artifact or a template names. */
export function localPath(file: string, { folder }: Places): string {
  return resolve(folder, file);
}

/**
 * A file as a template's author would write it: relative to the build's folder when it is in there. Plans hold
 * absolute paths, but what is written for others, such as a manifest, names files as Packer does.
 */
export function displayPath(file: string, { folder }: Places): string {
  if (!isAbsolute(file)) return file;
  const inside = relative(folder, file);
  return inside === '' || inside === '..' || inside.startsWith('../') || isAbsolute(inside) ? file : inside;
}
