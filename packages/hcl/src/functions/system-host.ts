import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import type { FileHost, FunctionHost } from './host.ts';
import { systemSecrets } from './secrets/system-secrets.ts';

export interface SystemHostOptions {
  /** Absolute; the folder of the template. */
  readonly baseFolder: string;
  readonly startedAt: Date;
  /** Of this process, unless others are given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Of this process, unless another is given. */
  readonly currentFolder?: string;
}

/** The machine that this process runs on, its files, and the services that its environment names. */
export function systemHost(options: SystemHostOptions): FunctionHost {
  const variables = options.environment ?? process.env;
  const environment = (name: string) => variables[name];
  const homeFolder = environment('HOME') || homedir();
  return {
    baseFolder: options.baseFolder,
    currentFolder: options.currentFolder ?? process.cwd(),
    homeFolder,
    startedAt: options.startedAt,
    now: () => new Date(),
    environment,
    files: systemFiles,
    secrets: systemSecrets({ environment, homeFolder }),
  };
}

const systemFiles: FileHost = {
  read: (path) => readFileSync(path),
  kind: (path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return undefined;
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
  },
  list: (folder) => {
    try {
      return readdirSync(folder).sort();
    } catch {
      return [];
    }
  },
};
