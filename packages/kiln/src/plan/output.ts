import type { SourceLocation } from '../base/errors.ts';
import type { ScriptSource, ShellLocalStep } from './step.ts';
import type { Text } from './text.ts';

/** One thing to do with a finished artifact. A chain hands each output's artifact to the next. */
export type Output =
  | DiskOutput
  | StoreOutput
  | ManifestOutput
  | ChecksumOutput
  | CompressOutput
  | BoxOutput
  | ArtificeOutput
  | ShellLocalOutput;

export interface OutputBase {
  readonly name?: string;
  /** What becomes of the artifact that comes in; undefined leaves the choice to the output. */
  readonly keepInput?: boolean;
  readonly at?: SourceLocation;
}

/** A disk file. */
export interface DiskOutput extends OutputBase {
  readonly kind: 'disk';
  readonly format: 'raw' | 'qcow2' | 'vmdk' | 'vhd' | 'vhd-fixed' | 'vhdx' | 'vdi' | 'ova';
  readonly path: Text;
  readonly compress: boolean;
}

/** An image in the store. */
export interface StoreOutput extends OutputBase {
  readonly kind: 'store';
  /** `name` or `name:tag`. */
  readonly references: readonly string[];
}

export interface ManifestOutput extends OutputBase {
  readonly kind: 'manifest';
  readonly output: string;
  readonly stripPath: boolean;
  readonly stripTime: boolean;
  readonly customData: Readonly<Record<string, Text>>;
}

export interface ChecksumOutput extends OutputBase {
  readonly kind: 'checksum';
  readonly types: readonly ('md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512')[];
  /** Has `.BuildName`, `.BuilderType`, `.ChecksumType`. */
  readonly output: Text;
  /**
   * Write the file anew, as `sha256sum` would, instead of adding Packer's lines to it, and hand the artifact on
   * without it.
   */
  readonly sumFile?: boolean;
}

export interface CompressOutput extends OutputBase {
  readonly kind: 'compress';
  /** Has `.BuildName`, `.BuilderType`. */
  readonly output: Text;
  readonly format:
    | 'tar'
    | 'tar.gz'
    | 'tar.lz4'
    | 'tar.bz2'
    | 'tar.xz'
    | 'tar.zst'
    | 'zip'
    | 'gz'
    | 'lz4'
    | 'bz2'
    | 'xz'
    | 'zst';
  readonly level?: number;
}

/** A box for libvirt, of the artifact's disk. */
export interface BoxOutput extends OutputBase {
  readonly kind: 'box';
  /** Has `.BuildName`, `.BuilderType`, `.Provider`, `.Architecture`, `.ArtifactId`. */
  readonly path: Text;
  /** 0 to 9; 1 when not given. */
  readonly level?: number;
  /** Files to take along, absolute; their names in the box are those without folders. */
  readonly include: readonly string[];
  /** A Vagrantfile of the user's own, absolute. Its text is a Go template. */
  readonly vagrantfile?: string;
  /** JSON file with facts about the box, absolute. */
  readonly info?: string;
  /** As boxes name it; that of this host when not given. */
  readonly architecture?: string;
}

/** The artifact becomes these files. */
export interface ArtificeOutput extends OutputBase {
  readonly kind: 'artifice';
  readonly files: readonly string[];
}

export interface ShellLocalOutput
  extends OutputBase,
    Pick<
      ShellLocalStep,
      | 'inlineShebang'
      | 'environment'
      | 'environmentFormat'
      | 'executeCommand'
      | 'validExitCodes'
      | 'tempfileExtension'
      | 'onlyOn'
    > {
  readonly kind: 'shell-local';
  readonly script: ScriptSource;
}
