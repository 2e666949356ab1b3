import { randomBytes } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { digestFile } from '../../base/files.ts';
import { bytesOnDisk } from '../folders.ts';
import { storeLayout } from '../home.ts';
import { type PinOwner, thisProcess } from '../pins.ts';
import { Workshop } from '../test-support.ts';
import { recordPath } from './checkpoint-files.ts';
import type { CheckpointRecord } from './checkpoint-record.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import { listCheckpoints } from './list-checkpoints.ts';
import { packMemory } from './memory-pack.ts';
import { digestsOf, pathOfBlob } from './record-files.ts';

/** A key for tests: `key('a')` is 64 times `a`. */
export function key(digit: string): string {
  return digit.repeat(64);
}

export interface StateOptions {
  /** The state before it, whose disk it stands on. */
  readonly on?: CheckpointRecord;
  /** Bytes of memory that differ from zero; undefined for a state of disks alone. */
  readonly memory?: number;
  readonly build?: string;
  readonly step?: string;
}

/** A home with checkpoints of real disks, on a real base image; gone after the test. */
export class CheckpointWorkshop extends Workshop {
  readonly home = this.path('home');
  readonly basePath = this.disk('base');
  #letter = 0;

  constructor(t: TestContext) {
    super();
    t.after(() => this.remove());
  }

  open(owner: PinOwner = thisProcess()): CheckpointStore {
    return new CheckpointStore(this.home, owner);
  }

  /** Digest of the base image, linked as a build would. */
  async base(store: CheckpointStore): Promise<string> {
    const digest = await digestFile(this.basePath);
    await store.linkBase(digest, this.basePath);
    return digest;
  }

  /** A layer as a machine leaves it: on the base or on another layer, with something written to it. */
  layer(store: CheckpointStore, on?: CheckpointRecord): string {
    const below = on?.disks[0]?.[0];
    const letter = String.fromCharCode(65 + this.#letter++);
    return this.overlay(below === undefined ? this.basePath : store.diskPath(below), letter);
  }

  async addState(
    store: CheckpointStore,
    name: string,
    options: StateOptions = {},
  ): Promise<CheckpointRecord> {
    const { on, memory, build = 'web', step = `step ${name}` } = options;
    const base = await this.base(store);
    const below = on?.disks[0] ?? [];
    const digest = await store.addDisk({ path: this.layer(store, on), below }, base);
    return store.add({
      key: key(name),
      build,
      step,
      base,
      disks: [[digest, ...below]],
      lostByReboot: [],
      ...(memory === undefined ? {} : { memory: await this.#memory(memory) }),
    });
  }

  /** Makes a checkpoint one that was last used so many hours ago. */
  async age(store: CheckpointStore, record: CheckpointRecord, hours: number): Promise<void> {
    const then = new Date(Date.now() - hours * 3_600_000);
    await utimes(recordPath(store.files, record.key), then, then);
  }

  async #memory(bytes: number) {
    const size = 8 * 2 ** 20;
    const [memory, state, path] = [this.path('memory'), this.path('state'), this.path('pack')];
    writeFileSync(memory, randomBytes(bytes));
    truncateSync(memory, size);
    writeFileSync(state, 'devices');
    return { path, size, packed: await packMemory({ memory, state }, path) };
  }

  /** The folder of a running command, whose pin holds as long as it is there. */
  async run(id: string): Promise<PinOwner> {
    await mkdir(join(storeLayout(this.home).runs, id), { recursive: true });
    return { kind: 'run', id };
  }
}

/** A store whose states nobody needs: the command that made them has ended. */
export class Ended {
  readonly workshop: CheckpointWorkshop;
  readonly store: CheckpointStore;

  constructor(workshop: CheckpointWorkshop) {
    this.workshop = workshop;
    this.store = workshop.open({ kind: 'run', id: 'ended' });
  }

  get home(): string {
    return this.workshop.home;
  }

  /** A state last used so many hours ago. */
  async add(name: string, hours: number, options: StateOptions = {}): Promise<CheckpointRecord> {
    const record = await this.workshop.addState(this.store, name, options);
    await this.workshop.age(this.store, record, hours);
    return record;
  }

  async sizeOf(...records: readonly CheckpointRecord[]): Promise<number> {
    const paths = new Set(
      records.flatMap((record) =>
        digestsOf(record).map((digest) => pathOfBlob(this.store.files, record, digest)),
      ),
    );
    let bytes = 0;
    for (const path of paths) bytes += await bytesOnDisk(path);
    return bytes;
  }

  /** First digits of the keys that are there, sorted. */
  async names(): Promise<string> {
    return (await readdir(this.store.files.records))
      .map((name) => name[0])
      .sort()
      .join('');
  }

  /** Files that no record needs. */
  async strays(): Promise<string[]> {
    const needed = new Set((await listCheckpoints(this.home)).flatMap(({ record }) => digestsOf(record)));
    const there = [...(await readdir(this.store.files.disks)), ...(await readdir(this.store.files.memory))];
    return there.filter((name) => !needed.has(name.slice(0, 64)));
  }
}
