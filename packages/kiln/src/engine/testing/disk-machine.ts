import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { runOrFail } from '../../base/processes.ts';
import type { Guest } from '../../guests/guest.ts';
import type { Artifact } from '../../hosts/artifact.ts';
import type { CheckpointableMachine, FrozenMachine } from '../../hosts/checkpoint.ts';
import type { Host, HostContext, StartedMachine } from '../../hosts/host.ts';
import type { QemuSource } from '../../plan/qemu-source.ts';
import type { Source } from '../../plan/source.ts';

/**
 * A host whose machines are nothing but their disks: real qcow2 layers on the source's image, whose states can be kept.
 * Their memory holds what their disks hold. A command that is run in one is written at the end of what was run before, onto the disk: what is on a disk tells
 * everything that has led to it.
 * @param told gets what is started, finished and abandoned
 */
export function diskMachines(told: string[]): Host<Source> {
  return {
    check: async () => [],
    checkpointSupport: async () => ({ kind: 'disks', machine: { qemu: 'none' } }),
    start: async (source, context, plan) => {
      const qemu = asQemu(source);
      if (qemu.result.directory !== undefined) await refuse(qemu.result.directory, context);
      const [restored] = plan?.from?.disks ?? [];
      told.push(`${restored === undefined ? 'start' : 'restore'} ${context.build.name}`);
      const image = await context.images.resolve(qemu.disk as Exclude<typeof qemu.disk, { kind: 'empty' }>, {
        emit: context.emit,
        signal: context.signal,
      });
      const machine = new DiskMachine(qemu, context, told);
      await machine.begin(restored ?? image.path);
      return machine;
    },
    artifactFromDisks: async (source, context, from) => {
      const qemu = asQemu(source);
      told.push(`remake ${context.build.name}`);
      if (qemu.result.directory !== undefined) await refuse(qemu.result.directory, context);
      return artifactOf(qemu, context, from.disks[0]!);
    },
  };
}

/** Everything that was run in the machine whose disk this is. */
export async function linesOn(disk: string, scratch: string): Promise<string[]> {
  const raw = join(scratch, `read-${process.hrtime.bigint()}`);
  await runOrFail('qemu-img', ['convert', '-U', '-O', 'raw', disk, raw]);
  const bytes = await readFile(raw);
  await rm(raw);
  return bytes
    .subarray(0, bytes.indexOf(0))
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}

class DiskMachine implements StartedMachine, CheckpointableMachine {
  readonly values = { ID: 'disk', ConnType: 'ssh' };
  readonly guest: Guest;
  readonly #source: QemuSource;
  readonly #context: HostContext;
  readonly #told: string[];
  #top = '';
  #count = 0;

  constructor(source: QemuSource, context: HostContext, told: string[]) {
    this.#source = source;
    this.#context = context;
    this.#told = told;
    this.guest = { ...silentGuest, exec: ({ command }) => this.#exec(command) };
  }

  get checkpoints(): CheckpointableMachine {
    return this;
  }

  /** What the machine has in memory of its disk: the layers may be on their way into the store at any moment. */
  #lines: readonly string[] = [];

  async begin(below: string): Promise<void> {
    this.#lines = await linesOn(below, this.#context.scratch);
    this.#top = await this.#layerOn(below);
  }

  async freeze({ memory }: { readonly memory: boolean }): Promise<FrozenMachine> {
    const frozen = this.#top;
    this.#top = await this.#layerOn(frozen);
    if (!memory) return { disks: [frozen] };
    const file = join(this.#context.scratch, `memory-${this.#count++}`);
    const text = `${this.#lines.join('\n')}\n`;
    await writeFile(file, text.padEnd(1 << 20, '\0'));
    await writeFile(`${file}.state`, 'no devices');
    return { disks: [frozen], memory: { file, state: `${file}.state`, size: 1 << 20 } };
  }

  moved(from: string, to: string): void {
    if (this.#below === from) this.#below = to;
  }

  finalDisks(): readonly string[] {
    return [this.#top];
  }

  finalVariables(): undefined {
    return undefined;
  }

  async finish(settled?: Promise<void>): Promise<Artifact> {
    await settled;
    await this.#settle();
    this.#told.push(`finish ${this.#context.build.name}`);
    return artifactOf(this.#source, this.#context, this.#top);
  }

  async abandon(): Promise<void> {
    this.#told.push(`abandon ${this.#context.build.name}`);
  }

  /** What the top stands on, wherever that is by now. */
  #below = '';

  async #layerOn(below: string): Promise<string> {
    const path = join(this.#context.scratch, `layer-${process.hrtime.bigint()}-${this.#count++}.qcow2`);
    const args = ['create', '-q', '-f', 'qcow2', '-u', '-b', below, '-F', 'qcow2', path, '1M'];
    await runOrFail('qemu-img', args);
    this.#below = below;
    return path;
  }

  async #settle(): Promise<void> {
    await runOrFail('qemu-img', ['rebase', '-q', '-u', '-b', this.#below, '-F', 'qcow2', this.#top]);
  }

  async #exec(command: string) {
    // What the engine itself asks of a machine, such as bringing everything onto the disk, leaves no trace.
    if (/^(?:sh -c |if \[ |test )/.test(command)) return { kind: 'exited', code: 0 } as const;
    this.#lines = [...this.#lines, command];
    const bytes = Buffer.alloc(64 * 1024);
    bytes.write(`${this.#lines.join('\n')}\n`);
    const file = join(this.#context.scratch, 'bytes');
    await writeFile(file, bytes);
    const top = { driver: 'qcow2', file: { driver: 'file', filename: this.#top }, backing: null };
    const write = `write -q -s ${file} 0 ${bytes.length}`;
    await runOrFail('qemu-io', ['-c', write, `json:${JSON.stringify(top)}`]);
    return { kind: 'exited', code: 0 } as const;
  }
}

async function artifactOf(source: QemuSource, context: HostContext, disk: string): Promise<Artifact> {
  const { directory, machineName } = source.result;
  const path = join(directory ?? context.scratch, machineName);
  if (directory !== undefined) await mkdir(directory, { recursive: true });
  await runOrFail('qemu-img', ['convert', '-U', '-O', 'qcow2', disk, `${path}.part`]);
  await rename(`${path}.part`, path);
  return {
    builderId: 'test.disk',
    id: 'disk',
    description: `disk ${path}`,
    files: [path],
    disk: { path, format: 'qcow2', seeded: false },
    destroy: () => rm(path, { force: true }),
  };
}

async function refuse(directory: string, { force }: HostContext): Promise<void> {
  const isThere = await stat(directory).then(
    () => true,
    () => false,
  );
  if (isThere && !force) throw new KilnError('already-exists', `${directory} exists already`);
}

function asQemu(source: Source): QemuSource {
  if (source.kind !== 'qemu') throw new KilnError('unsupported', source.kind);
  return source;
}

const never = () => Promise.reject(new KilnError('unsupported', 'the machine is only a disk'));

const silentGuest: Guest = {
  kind: 'ssh',
  exec: never,
  upload: never,
  uploadTree: never,
  download: never,
  downloadTree: never,
  close: async () => {},
};
