import { rm } from 'node:fs/promises';
import type { Artifact } from '../hosts/artifact.ts';
import { localPath } from './local-path.ts';

export interface FilesArtifact {
  readonly builderId: string;
  /** Empty when not given, as with most. */
  readonly id?: string;
  readonly description: string;
  readonly files: readonly string[];
  /** What goes when the artifact goes; all its files when not given. */
  readonly own?: readonly string[];
  readonly folder: string;
}

/** An artifact that is nothing but files, as most outputs make. */
export function filesArtifact(parts: FilesArtifact): Artifact {
  const { builderId, id = '', description, files, own = files, folder } = parts;
  return {
    builderId,
    id,
    description,
    files,
    destroy: async () => {
      for (const file of own) await rm(localPath(file, { folder }), { recursive: true, force: true });
    },
  };
}
