import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { textOr } from '../../finish/coerce.ts';
import { onHost } from '../planning.ts';
import type { ProvisionerCompiler } from './compiler.ts';

/**
 * https://developer.hashicorp.com/vagrant/docs/provisioning/file: a folder becomes the destination; one that goes to a
 * destination with a slash at its end goes in there, under its own name unless the source ends with a dot.
 */
export const compileFile: ProvisionerCompiler = ({ settings, at }, planning) => {
  const source = textOr(settings['source']) ?? '';
  const destination = textOr(settings['destination']) ?? '';
  const path = onHost(planning, source);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const isInside = destination.endsWith('/') && !source.endsWith('.');
  return [
    {
      kind: 'file',
      direction: 'upload',
      sources: [isFolder ? `${path.replace(/\/+$/, '')}/` : path],
      destination: isFolder && isInside ? `${destination}${basename(path)}` : destination,
      generated: false,
      pauseBefore: 0,
      timeout: 0,
      maxRetries: 0,
      at,
    },
  ];
};
