import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scope } from '../../base/scope.ts';
import { createTemporaryKey, type KeyPair } from '../../guests/temporary-key.ts';
import type { QemuSource } from '../../plan/qemu-source.ts';
import type { Text } from '../../plan/text.ts';
import type { LocalImage } from '../../sources/image-resolver.ts';
import type { CheckpointPlan } from '../checkpoint.ts';
import type { HostContext } from '../host.ts';
import { type HttpServer, startHttpServer } from '../http-server.ts';
import { type AcceleratorChoice, chooseAccelerator } from './accelerator.ts';
import { type BuildDisk, makeDisks } from './build-disks.ts';
import { makeCd } from './cd-image.ts';
import type { QemuCommand } from './command-line.ts';
import { copyEfiVars, efiVarsName, findEfiFiles } from './efi.ts';
import { makeFloppy } from './floppy-image.ts';
import { LayeredDisks } from './layered-disks.ts';
import { hostAddressForGuests } from './network.ts';
import { makeResultFolder, refuseOldResult } from './result.ts';
import { startTpm, type Tpm } from './tpm.ts';

/** Everything a machine needs besides QEMU itself. */
export interface PreparedBuild {
  readonly source: QemuSource;
  readonly binary: string;
  readonly accelerator: AcceleratorChoice['accelerator'];
  readonly image?: LocalImage;
  /** Folder of the disks: the result's, or the build's scratch folder. */
  readonly folder: string;
  readonly disks: readonly BuildDisk[];
  readonly cds: readonly string[];
  readonly floppy?: string;
  readonly firmware: QemuCommand['firmware'];
  readonly tpm?: Tpm;
  readonly http?: HttpServer;
  /** This host's address as the machine sees it. */
  readonly httpIp: string;
  readonly key?: KeyPair;
  readonly password?: string;
  /** Set when states of the machine are to be kept: its disks are these stacks of layers, in the scratch folder. */
  readonly layers?: LayeredDisks;
  readonly checkpoints?: CheckpointPlan;
}

/** Value names that texts of a build may use before the machine exists. */
export function bootData(prepared: Omit<PreparedBuild, 'cds' | 'disks'>): Readonly<Record<string, unknown>> {
  return {
    HTTPIP: prepared.httpIp,
    HTTPPort: prepared.http?.port ?? 0,
    Name: prepared.source.result.machineName,
    SSHPublicKey: prepared.key?.publicKey ?? '',
  };
}

/**
 * Gets images, makes disks and media, and starts the servers. What has to be undone is registered in `undo`.
 * @throws KilnError
 */
export async function prepareBuild(
  source: QemuSource,
  context: HostContext,
  home: string,
  undo: Scope,
  checkpoints?: CheckpointPlan,
): Promise<PreparedBuild> {
  const { result, hardware, media, communicator } = source;
  const { signal, scratch, run, say } = context;
  const binary = hardware.binary ?? 'qemu-system-x86_64';

  if (result.directory !== undefined) await refuseOldResult(result.directory, context.force);
  const { accelerator, warning } = await chooseAccelerator(hardware.accelerator, { binary, home, signal });
  if (warning) context.emit({ kind: 'message', build: context.build.name, level: 'warning', text: warning });

  const image = source.disk.kind === 'empty' ? undefined : await resolve(source.disk, context);
  const installer = source.installer === undefined ? undefined : await resolve(source.installer, context);
  // Only now: an old result that is to be replaced must not be lost to a download that fails.
  const folder = result.directory ?? scratch;
  if (result.directory !== undefined) {
    await makeResultFolder(result.directory, run, context.force);
    undo.defer('removing the output directory', () => rm(folder, { recursive: true, force: true }));
  }
  const from = checkpoints?.from;
  const disks = await makeDisks({
    result,
    folder: checkpoints ? scratch : folder,
    ...(checkpoints ? { layers: from ? { from: from.disks } : {} } : {}),
    ...(image ? { image } : {}),
    exactFormat: hardware.qemuArgs.some(([option]) => option === '-drive'),
    signal,
  });
  const layers = checkpoints
    ? new LayeredDisks(disks, from?.disks ?? disks.map((_disk, at) => (at === 0 ? image?.path : undefined)))
    : undefined;
  if (result.directory === undefined || layers) {
    undo.defer('removing the disks', () => Promise.all(disks.map((disk) => rm(disk.path, { force: true }))));
  }

  let firmware: QemuCommand['firmware'];
  if (hardware.firmware.kind === 'efi') {
    const files = findEfiFiles(hardware.firmware);
    const vars = join(folder, efiVarsName);
    await copyEfiVars(files, vars);
    if (from?.firmwareVariables !== undefined) await writeFile(vars, from.firmwareVariables, 'base64');
    undo.defer('removing the UEFI variables', () => rm(vars, { force: true }));
    firmware = { kind: 'efi', code: files.code, vars };
  } else firmware = hardware.firmware;

  const key =
    communicator.kind === 'ssh'
      ? (from?.login ?? (await createTemporaryKey(named(communicator.temporaryKey))))
      : undefined;
  const password =
    communicator.kind === 'ssh' && communicator.password !== undefined
      ? context.render(communicator.password)
      : undefined;
  const httpIp = hostAddressForGuests(hardware.netBridge);
  const early = { HTTPIP: httpIp, Name: result.machineName, SSHPublicKey: key?.publicKey ?? '' };
  const http = media.http
    ? await startHttpServer({
        ...media.http,
        content: renderAll(media.http.content ?? {}, context, early),
        run,
        onRequest: (line) =>
          context.emit({ kind: 'output', build: context.build.name, stream: 'stdout', line }),
      })
    : undefined;
  if (http) {
    undo.defer('stopping the HTTP server', () => http.close());
    say(`Serving files for the machine at http://${httpIp}:${http.port}/`);
  }

  const data = { ...early, HTTPPort: http?.port ?? 0 };
  const cds = installer ? [installer.path] : [];
  if (media.cd) {
    const { files, label, content } = media.cd;
    cds.push(await makeCd({ files, label, content: renderAll(content, context, data), scratch, signal }));
  }
  const floppy = media.floppy
    ? await makeFloppy({
        ...media.floppy,
        content: renderAll(media.floppy.content, context, data),
        scratch,
        signal,
      })
    : undefined;
  const tpm = hardware.tpm ? await startTpm(hardware.tpm, { scratch, run, signal }) : undefined;
  if (tpm) undo.defer('ending the TPM emulator', () => tpm.close());

  return {
    source,
    binary,
    accelerator,
    folder,
    disks,
    cds,
    firmware,
    httpIp,
    ...(image ? { image } : {}),
    ...(floppy === undefined ? {} : { floppy }),
    ...(tpm ? { tpm } : {}),
    ...(http ? { http } : {}),
    ...(key ? { key } : {}),
    ...(password === undefined ? {} : { password }),
    ...(layers ? { layers } : {}),
    ...(checkpoints ? { checkpoints } : {}),
  };
}

function resolve(ref: QemuSource['disk'], context: HostContext): Promise<LocalImage> {
  const { emit, signal, build } = context;
  return context.images.resolve(ref, { emit, signal, build: build.name });
}

function renderAll(
  texts: Readonly<Record<string, Text>>,
  context: HostContext,
  data: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, context.render(text, data)]));
}

/** The key's comment names the build's key alone, so that it can be found in authorized_keys and removed. */
function named<T extends { readonly name?: string }>(key: T): T & { readonly name: string } {
  return { ...key, name: key.name ?? `packer_${randomBytes(8).toString('hex')}` };
}
