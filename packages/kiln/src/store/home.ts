import { join } from 'node:path';

/** The folders under `$KILN_HOME`. ARCHITECTURE.md describes what is in each. */
export interface StoreLayout {
  readonly home: string;
  /** Disk layers by digest: `<sha256>.qcow2`, immutable, each naming its backing layer by file name. */
  readonly layers: string;
  /** One JSON record an image: `<image id>.json`. */
  readonly images: string;
  /** Tags: `<name>/<tag>`, a file that holds an image id. */
  readonly tags: string;
  /** Images by what determined them: `<key>`, a file that holds an image id. */
  readonly keys: string;
  /** Downloads by the digest or URL they were asked for. */
  readonly downloads: string;
  /** What must not be collected: one file an owner, listing image ids. */
  readonly pins: string;
  /** One folder a running command: scratch files and the journal of what to undo. */
  readonly runs: string;
  /** One folder a machine. */
  readonly machines: string;
  /** What belongs to images beside their disks, by digest: `<sha256>.zst`. */
  readonly attachments: string;
  readonly locks: string;
  /** States of builds after their steps; see checkpoints/checkpoint-files.ts. */
  readonly checkpoints: string;
  /** Booted machines to copy, one folder a kind; see warm/warm-store.ts. */
  readonly warm: string;
  /** Indexes of packages, one folder a list of repositories: sources/packages/apt-folder.ts. */
  readonly apt: string;
}

export function storeLayout(home: string): StoreLayout {
  return {
    home,
    layers: join(home, 'layers'),
    images: join(home, 'images'),
    tags: join(home, 'tags'),
    keys: join(home, 'keys'),
    downloads: join(home, 'downloads'),
    pins: join(home, 'pins'),
    runs: join(home, 'runs'),
    machines: join(home, 'machines'),
    attachments: join(home, 'attachments'),
    locks: join(home, 'locks'),
    checkpoints: join(home, 'checkpoints'),
    warm: join(home, 'warm'),
    apt: join(home, 'apt'),
  };
}

/** Name of a layer's file: also what the layer above has in its header. */
export function layerFile(digest: string): string {
  return `${digest}.qcow2`;
}

export function layerPath(layout: StoreLayout, digest: string): string {
  return join(layout.layers, layerFile(digest));
}
