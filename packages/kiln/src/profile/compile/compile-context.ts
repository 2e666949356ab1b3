import type { Contents } from './contents.ts';
import type { PackageManager } from './package-managers/package-manager.ts';
import type { ScriptBuilder } from './script-builder.ts';

/** What compiling any part of a profile needs. */
export interface CompileContext {
  readonly script: ScriptBuilder;
  readonly contents: Contents;
  readonly manager: PackageManager;
  readonly init: 'systemd' | 'openrc' | 'none';
  /** Lists of packages are had anew before the first one is installed, whatever there is. */
  readonly refreshFirst: boolean;
  readonly fetch: (url: string, digest: string) => Promise<string>;
  /** Notes that the script holds something that only root may read. */
  readonly keepSecret: () => void;
}
