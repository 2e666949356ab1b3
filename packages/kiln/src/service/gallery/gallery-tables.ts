import type { ColumnType, Generated } from 'kysely';
import { sql } from 'kysely';
import type { SchemaStep } from '../database/migration.ts';

/** JSON in the database: objects come out, texts go in, whatever the driver. */
export type Json<T> = ColumnType<T, string, string>;
/** Whole numbers beyond 32 bits: PostgreSQL's driver gives them as texts. */
export type Big = ColumnType<string | number | bigint, number, number>;
type Time = ColumnType<Date, Date, Date>;
type MaybeTime = ColumnType<Date | null, Date | null | undefined, Date | null>;
type Maybe<T> = ColumnType<T | null, T | null | undefined, T | null>;
type Properties = Readonly<Record<string, unknown>>;
type Tags = Readonly<Record<string, string>>;

/** Columns of everything that has an ARM id. `id` is that id in lower case: names are compared without case. */
interface ArmColumns {
  id: string;
  /** The id as it was first written. */
  arm_id: string;
  name: string;
  location: string;
  tags: Json<Tags>;
  /** What was set, with defaults; what the service says is in columns. */
  properties: Json<Properties>;
  created_at: Time;
  changed_at: Time;
  created_by: string;
  changed_by: string;
}

export interface GalleryTable extends ArmColumns {
  subscription: string;
  resource_group: string;
}

export interface DefinitionTable extends ArmColumns {
  gallery_id: string;
  /** `publisher/offer/sku` in lower case, unique in a gallery. */
  triplet: string;
  /** What `latest` may be. */
  policy: Json<Properties>;
}

export interface VersionTable extends ArmColumns {
  definition_id: string;
  major: Big;
  minor: Big;
  patch: Big;
  excluded: boolean;
  /** `provisioningState`. */
  state: 'Creating' | 'Updating' | 'Failed' | 'Succeeded' | 'Deleting';
  failure: Maybe<string>;
  /** Image of the stores; null until its bytes are there. */
  digest: Maybe<string>;
  virtual_size: Big;
  /** Of its layers' files. */
  bytes: Big;
  /** Name by which each region's store keeps the image. */
  pin: string;
  run_id: Maybe<string>;
  published_at: MaybeTime;
  end_of_life: MaybeTime;
  deprecated_at: MaybeTime;
  deprecation: Maybe<string>;
  /** The version by whose deprecation this one was deprecated. */
  deprecated_with: Maybe<string>;
  revoked_at: MaybeTime;
  revocation: Maybe<string>;
  /** The version by whose revocation this one was revoked. */
  revoked_with: Maybe<string>;
}

export interface ReplicaTable {
  version_id: string;
  /** Location in lower case without blanks. */
  region: string;
  /** As it was written. */
  name: string;
  replicas: number;
  storage: string;
  excluded: boolean;
  state: 'Unknown' | 'Replicating' | 'Completed' | 'Failed';
  progress: number;
  details: string;
}

export interface ManagedImageTable extends ArmColumns {
  subscription: string;
  resource_group: string;
  digest: string;
  virtual_size: Big;
  bytes: Big;
  pin: string;
  run_id: Maybe<string>;
}

/** What runs have published. */
export interface PublicationTable {
  run_id: string;
  output: string;
  artifact_id: Maybe<string>;
  artifact_uri: Maybe<string>;
  created_at: Time;
}

/** Disks that runs have distributed as VHD. */
export interface DiskTable {
  id: string;
  digest: string;
  pin: string;
  run_id: string;
  region: string;
  created_at: Time;
}

/** What was made from what. Parents are ids in lower case, digests (`sha256:…`), or names of distributions. */
export interface LineageTable {
  child: string;
  parent: string;
}

export interface ChannelTable {
  definition_id: string;
  name: string;
  version_id: Maybe<string>;
  frozen: boolean;
  policy: Json<Properties>;
  changed_at: Time;
}

export interface ChannelEventTable {
  id: Generated<string | number>;
  definition_id: string;
  channel: string;
  action: 'promote' | 'rollback' | 'freeze' | 'unfreeze' | 'policy';
  version: Maybe<string>;
  previous: Maybe<string>;
  by: string;
  note: string;
  at: Time;
}

export interface UploadTable {
  id: string;
  owner: string;
  name: string;
  digest: string;
  virtual_size: Big;
  bytes: Big;
  pin: string;
  created_at: Time;
}

export interface BoxTable {
  /** `team/name` in lower case. */
  id: string;
  team: string;
  name: string;
  description: string;
  private: boolean;
  created_at: Time;
  created_by: string;
}

export interface BoxFileTable {
  box_id: string;
  version: string;
  provider: string;
  architecture: string;
  sha256: string;
  bytes: Big;
  created_at: Time;
  created_by: string;
}

export interface GalleryTables {
  galleries: GalleryTable;
  image_definitions: DefinitionTable;
  image_versions: VersionTable;
  version_replicas: ReplicaTable;
  managed_images: ManagedImageTable;
  publications: PublicationTable;
  published_disks: DiskTable;
  lineage: LineageTable;
  channels: ChannelTable;
  channel_events: ChannelEventTable;
  uploads: UploadTable;
  boxes: BoxTable;
  box_files: BoxFileTable;
}

const armColumns = `
  id text PRIMARY KEY, arm_id text NOT NULL, name text NOT NULL, location text NOT NULL,
  tags jsonb NOT NULL, properties jsonb NOT NULL,
  created_at timestamptz NOT NULL, changed_at timestamptz NOT NULL,
  created_by text NOT NULL, changed_by text NOT NULL`;

const tables = [
  `CREATE TABLE galleries (${armColumns}, subscription text NOT NULL, resource_group text NOT NULL)`,
  'CREATE INDEX galleries_of_group ON galleries (subscription, resource_group, id)',
  `CREATE TABLE image_definitions (${armColumns}, gallery_id text NOT NULL REFERENCES galleries,
    triplet text NOT NULL, policy jsonb NOT NULL, UNIQUE (gallery_id, triplet))`,
  `CREATE INDEX definitions_of_gallery ON image_definitions (gallery_id, id)`,
  `CREATE TABLE image_versions (${armColumns}, definition_id text NOT NULL REFERENCES image_definitions,
    major bigint NOT NULL, minor bigint NOT NULL, patch bigint NOT NULL, excluded boolean NOT NULL,
    state text NOT NULL, failure text, digest text, virtual_size bigint NOT NULL, bytes bigint NOT NULL,
    pin text NOT NULL UNIQUE, run_id text, published_at timestamptz, end_of_life timestamptz,
    deprecated_at timestamptz, deprecation text, revoked_at timestamptz, revocation text, revoked_with text,
    UNIQUE (definition_id, major, minor, patch))`,
  'CREATE INDEX versions_by_digest ON image_versions (digest)',
  `CREATE TABLE version_replicas (version_id text NOT NULL REFERENCES image_versions ON DELETE CASCADE,
    region text NOT NULL, name text NOT NULL, replicas integer NOT NULL, storage text NOT NULL,
    excluded boolean NOT NULL, state text NOT NULL, progress integer NOT NULL, details text NOT NULL,
    PRIMARY KEY (version_id, region))`,
  `CREATE TABLE managed_images (${armColumns}, subscription text NOT NULL, resource_group text NOT NULL,
    digest text NOT NULL, virtual_size bigint NOT NULL, bytes bigint NOT NULL, pin text NOT NULL UNIQUE, run_id text)`,
  'CREATE INDEX managed_images_of_group ON managed_images (subscription, resource_group, id)',
  `CREATE TABLE publications (run_id text NOT NULL, output text NOT NULL, artifact_id text, artifact_uri text,
    created_at timestamptz NOT NULL, PRIMARY KEY (run_id, output))`,
  `CREATE TABLE published_disks (id text PRIMARY KEY, digest text NOT NULL, pin text NOT NULL UNIQUE,
    run_id text NOT NULL, region text NOT NULL, created_at timestamptz NOT NULL)`,
  'CREATE TABLE lineage (child text NOT NULL, parent text NOT NULL, PRIMARY KEY (child, parent))',
  'CREATE INDEX lineage_by_parent ON lineage (parent)',
  `CREATE TABLE channels (definition_id text NOT NULL REFERENCES image_definitions ON DELETE CASCADE,
    name text NOT NULL, version_id text REFERENCES image_versions, frozen boolean NOT NULL, policy jsonb NOT NULL,
    changed_at timestamptz NOT NULL, PRIMARY KEY (definition_id, name))`,
  `CREATE INDEX channels_of_version ON channels (version_id)`,
  `CREATE TABLE channel_events (id bigserial PRIMARY KEY, definition_id text NOT NULL, channel text NOT NULL,
    action text NOT NULL, version text, previous text, by text NOT NULL, note text NOT NULL, at timestamptz NOT NULL)`,
  'CREATE INDEX channel_events_of_channel ON channel_events (definition_id, channel, id)',
  `CREATE TABLE uploads (id text PRIMARY KEY, owner text NOT NULL, name text NOT NULL, digest text NOT NULL,
    virtual_size bigint NOT NULL, bytes bigint NOT NULL, pin text NOT NULL UNIQUE, created_at timestamptz NOT NULL)`,
  `CREATE TABLE boxes (id text PRIMARY KEY, team text NOT NULL, name text NOT NULL, description text NOT NULL,
    private boolean NOT NULL, created_at timestamptz NOT NULL, created_by text NOT NULL)`,
  `CREATE TABLE box_files (box_id text NOT NULL REFERENCES boxes ON DELETE CASCADE, version text NOT NULL,
    provider text NOT NULL, architecture text NOT NULL, sha256 text NOT NULL, bytes bigint NOT NULL,
    created_at timestamptz NOT NULL, created_by text NOT NULL, PRIMARY KEY (box_id, version, provider, architecture))`,
  'CREATE INDEX box_files_by_digest ON box_files (sha256)',
];

export const gallerySteps: readonly SchemaStep[] = [
  {
    name: '2026-11-25-galleries',
    up: async (database) => {
      for (const table of tables) await sql.raw(table).execute(database);
    },
  },
  {
    name: '2026-11-25-galleries-deprecated-with',
    up: async (database) => {
      await sql.raw('ALTER TABLE image_versions ADD COLUMN deprecated_with text').execute(database);
    },
  },
];
