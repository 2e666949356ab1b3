import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { KilnError, messageOf } from '../../base/errors.ts';
import type { Scope } from '../../base/scope.ts';
import type { Guest } from '../../guests/guest.ts';
import { shellQuote } from '../../guests/shell-quote.ts';
import { openStore } from '../../store/store.ts';
import type { Artifact } from '../artifact.ts';
import type { CheckpointableMachine, FrozenMachine } from '../checkpoint.ts';
import type { HostContext, StartedMachine } from '../host.ts';
import { builtArtifact } from './built-artifact.ts';
import type { ConnectedGuest } from './connect-guest.ts';
import { convertDisk } from './disks.ts';
import { freezeMachine } from './freeze-machine.ts';
import type { LayeredDisks } from './layered-disks.ts';
import type { PreparedBuild } from './prepare-build.ts';
import { pullThePlug, shutDown } from './shutdown.ts';
import type { StartedMachinery } from './start-machine.ts';

export interface StartedQemuParts {
  readonly prepared: PreparedBuild;
  readonly machine: StartedMachinery;
  readonly connected: ConnectedGuest;
  /** The connected guest, watched over. */
  readonly guest: Guest;
  readonly context: HostContext;
  /** Undoes everything that `start` made. */
  readonly undo: Scope;
}

/** Part of images that Kiln bootstraps (sources/bootstrap/guest-files.ts). */
const sealProgram = '/usr/lib/kiln/seal';

/** A machine in QEMU, from the moment steps can run in it. */
export class StartedQemu implements StartedMachine {
  readonly guest: Guest;
  readonly values: Readonly<Record<string, string>>;
  readonly checkpoints?: CheckpointableMachine;
  #parts: StartedQemuParts;
  #frozen = 0;
  #finalVariables: string | undefined;

  constructor(parts: StartedQemuParts) {
    this.#parts = parts;
    this.guest = parts.guest;
    this.values = valuesOf(parts);
    const { layers } = parts.prepared;
    if (layers) {
      this.checkpoints = {
        freeze: ({ memory }) => this.#freeze(layers, memory),
        moved: (from, to) => layers.moved(from, to),
        finalDisks: () => layers.tops,
        finalVariables: () => this.#finalVariables,
      };
    }
  }

  #freeze(layers: LayeredDisks, memory: boolean): Promise<FrozenMachine> {
    const { prepared, machine, context } = this.#parts;
    return freezeMachine({
      qemu: machine.qemu,
      prepared: { ...prepared, layers },
      run: context.run,
      scratch: context.scratch,
      number: this.#frozen++,
      memory,
    });
  }

  async finish(settled?: Promise<void>): Promise<Artifact> {
    const { undo, prepared, context } = this.#parts;
    try {
      await this.#removeTemporaryKey();
      await this.#seal();
      await this.#turnOff();
      await this.#stopHelpers();
      const { layers, source, image, disks } = prepared;
      await settled;
      await layers?.complete();
      if (layers && prepared.firmware.kind === 'efi')
        this.#finalVariables = await readFile(prepared.firmware.vars, 'base64');
      const artifact = await builtArtifact({
        source,
        ...(image ? { image } : {}),
        disks,
        ...(layers ? { tops: layers.tops } : {}),
        context,
      });
      // What was registered is either gone by now or the artifact's.
      undo.release();
      return artifact;
    } catch (error) {
      await closeQuietly(undo, context);
      throw error;
    } finally {
      await this.guest.close();
    }
  }

  async abandon({ keep }: { readonly keep: boolean }): Promise<void> {
    const { undo, machine, context } = this.#parts;
    try {
      await this.guest.close();
      if (keep) {
        await pullThePlug(machine.qemu, 3000);
        await this.#stopHelpers();
        undo.release();
        context.say(`The machine's disks are kept in ${await this.#keepDisks()}`);
      }
    } catch (error) {
      context.emit({ kind: 'message', build: context.build.name, level: 'warning', text: messageOf(error) });
    }
    await closeQuietly(undo, context);
  }

  /** Takes the build's own key out of the machine, where the template has put it into authorized_keys. */
  async #removeTemporaryKey(): Promise<void> {
    const { prepared, guest, context } = this.#parts;
    const { communicator } = prepared.source;
    if (communicator.kind !== 'ssh' || !communicator.clearAuthorizedKeys || !prepared.key) return;
    const comment = prepared.key.publicKey.split(' ').slice(2).join(' ');
    const pattern = shellQuote(`/${comment.replace(/[/\\.*[\]^$]/g, '\\$&')}$/d`);
    const remove = (file: string) => `test ! -f ${file} || sed -i ${pattern} ${file}`;
    await guest.exec({
      command: `${remove('~/.ssh/authorized_keys')}; sudo -n sh -c ${shellQuote(remove('/root/.ssh/authorized_keys'))} 2>/dev/null; true`,
      signal: context.signal,
    });
  }

  /** Takes away what would make every copy of one of Kiln's own machines the same machine. */
  async #seal(): Promise<void> {
    const { prepared, guest, context } = this.#parts;
    if (!prepared.image?.seeded || guest.kind === 'none') return;
    const words: string[] = [];
    const exit = await guest.exec({
      command: `test ! -x ${sealProgram} || if [ "$(id -u)" = 0 ]; then ${sealProgram}; else sudo -n ${sealProgram}; fi`,
      onLine: (line) => words.push(line),
      signal: context.signal,
    });
    if (exit.kind === 'exited' && exit.code === 0) return;
    // Its copies would share host keys and machine id: such an image must not leave the build.
    const why = words.join('; ') || 'the connection broke';
    throw new KilnError('step-failed', `the machine could not be made ready for copying: ${why}`);
  }

  /** Everything that only a running machine needs. */
  async #stopHelpers(): Promise<void> {
    const { prepared, machine } = this.#parts;
    await machine.qemu.kill();
    await prepared.http?.close();
    await prepared.tpm?.close();
    const { qmpSocketPath } = prepared.source.boot;
    if (qmpSocketPath) await rm(qmpSocketPath, { force: true });
  }

  async #turnOff(): Promise<void> {
    const { prepared, machine, context, guest } = this.#parts;
    const { shutdown, communicator } = prepared.source;
    const { build, emit, signal } = context;
    const wait = shutdown.disabled || communicator.kind === 'none';
    context.say(wait ? 'Waiting for the machine to turn itself off' : 'Turning the machine off');
    await shutDown(machine.qemu, guest, {
      ...(shutdown.command === undefined ? {} : { command: context.render(shutdown.command) }),
      acpi: shutdown.acpi,
      timeout: shutdown.timeout,
      wait: shutdown.disabled || (communicator.kind === 'none' && !shutdown.acpi),
      signal,
      onLine: (line, stream) => emit({ kind: 'output', build: build.name, stream, line }),
    });
  }

  /** Disks in the scratch folder would go with the run: they move beside the store. */
  async #keepDisks(): Promise<string> {
    const { prepared, context } = this.#parts;
    const { directory } = prepared.source.result;
    const home = dirname(dirname(context.run.folder));
    if (directory !== undefined) {
      await this.#copyLayersTo(directory);
      context.run.disownPath(directory);
      if (!prepared.layers) await openStore(home).pinForFolder(context.run.id, directory);
      return directory;
    }
    const folder = join(home, 'kept', `${context.run.id}-${safeName(context.build.name)}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (prepared.layers) await this.#copyLayersTo(folder);
    else {
      for (const disk of prepared.disks) await rename(disk.path, join(folder, basename(disk.path)));
      await openStore(home).pinForFolder(context.run.id, folder);
    }
    return folder;
  }

  /** The disks as they are, each in one file that needs no other. */
  async #copyLayersTo(folder: string): Promise<void> {
    const { layers, disks } = this.#parts.prepared;
    if (!layers) return;
    await layers.complete();
    for (const [at, from] of layers.tops.entries()) {
      await convertDisk({ from, fromFormat: 'qcow2', to: join(folder, disks[at]!.name), format: 'qcow2' });
    }
  }
}

function valuesOf(parts: StartedQemuParts): Record<string, string> {
  const { prepared, connected } = parts;
  const { communicator } = prepared.source;
  const port = prepared.http?.port ?? 0;
  const ssh = communicator.kind === 'ssh' ? communicator : undefined;
  return {
    ID: 'ERR_ID_NOT_IMPLEMENTED_BY_BUILDER',
    Host: connected.host,
    Port: String(connected.port),
    User: ssh?.username ?? '',
    Password: prepared.password ?? '',
    ConnType: communicator.kind,
    SSHPublicKey: prepared.key?.publicKey ?? '',
    SSHPrivateKey: prepared.key?.privateKey ?? '',
    SSHPrivateKeyFile: ssh?.privateKeyFile ?? '',
    PackerHTTPIP: prepared.httpIp,
    PackerHTTPPort: String(port),
    PackerHTTPAddr: `${prepared.httpIp}:${port}`,
  };
}

async function closeQuietly(undo: Scope, context: HostContext): Promise<void> {
  try {
    await undo.close();
  } catch (error) {
    context.emit({ kind: 'message', build: context.build.name, level: 'warning', text: messageOf(error) });
  }
}

function safeName(name: string): string {
  return name.replace(/[^\w.-]+/g, '_');
}
