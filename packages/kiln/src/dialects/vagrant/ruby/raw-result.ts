import type { RawPlace } from './messages.ts';

/** What Ruby gives back (`lib/15_dump.rb`): merged, with what nobody set left out. */
export interface RawResult {
  readonly machines?: readonly (RawMachine | RawFailedMachine)[];
  readonly vagrant?: RawSection;
  readonly pushes?: Readonly<Record<string, { readonly strategy: string; readonly config: RawSection }>>;
  /** The evaluation as a whole came to an end with it. */
  readonly error?: RawError;
  readonly notes: readonly RawNote[];
  readonly secrets: readonly string[];
  readonly variables: readonly string[];
}

export interface RawSection {
  readonly settings: Readonly<Record<string, unknown>>;
  /** Where each setting was made. */
  readonly places: Readonly<Record<string, RawPlace | null>>;
  /** Settings that do not exist. */
  readonly unknown: Readonly<Record<string, RawPlace | null>>;
  readonly calls: readonly RawCall[];
}

export interface RawCall {
  readonly name: string;
  readonly arguments: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
}

export interface RawFailedMachine {
  readonly name: string;
  readonly error: RawError;
}

export interface RawMachine {
  readonly name: string;
  readonly error?: undefined;
  readonly provider: string;
  readonly mentioned: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly place: RawPlace | null;
  readonly vm: RawVm;
  readonly sections: Readonly<Record<string, RawSection>>;
  readonly ssh_default: RawSection;
  readonly winssh_default: RawSection;
  readonly triggers: { readonly before: readonly RawTrigger[]; readonly after: readonly RawTrigger[] };
  readonly plugins: Readonly<Record<string, RawSection>>;
  /** `config.NAME` of plugins that are not known at all. */
  readonly missing: Readonly<Record<string, RawPlace | null>>;
}

export interface RawVm extends RawSection {
  readonly networks: readonly {
    readonly type: string;
    readonly options: RawOptions;
    readonly place: RawPlace | null;
  }[];
  readonly folders: readonly {
    readonly id: string | null;
    readonly options: RawOptions;
    readonly place: RawPlace | null;
  }[];
  readonly provisioners: readonly RawProvisioner[];
  readonly disks: readonly RawPlaced[];
  readonly cloud_init: readonly RawPlaced[];
  readonly providers: Readonly<Record<string, RawSection>>;
}

export type RawOptions = Readonly<Record<string, unknown>>;

export interface RawPlaced extends RawSection {
  readonly place: RawPlace | null;
}

export interface RawTrigger extends RawPlaced {
  readonly command: unknown;
}

export interface RawProvisioner {
  readonly name: string | null;
  readonly type: string;
  readonly run: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly preserve_order: boolean;
  readonly communicator_required: boolean;
  /** There is a provisioner of that type. */
  readonly known: boolean;
  /** The file defines it itself. */
  readonly own: boolean;
  readonly place: RawPlace | null;
  readonly config: RawSection;
}

export interface RawError {
  readonly kind: 'exit' | 'syntax' | 'refused' | 'vagrant' | 'exception';
  readonly class: string;
  readonly message: string;
  readonly status: number | null;
  readonly path: string | null;
  /** Where in the user's files it happened, the innermost first. */
  readonly trace: readonly RawPlace[];
}

/** Something the file did that there is something to say about. */
export interface RawNote {
  readonly kind: string;
  readonly place: RawPlace | null;
  readonly name?: string;
  readonly use?: string;
  readonly what?: string;
}
