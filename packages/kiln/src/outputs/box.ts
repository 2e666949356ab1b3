import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readQcow2Header } from '@kiln/diskimage';
import { isSystemError, KilnError } from '../base/errors.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { BoxOutput } from '../plan/output.ts';
import { boxMembers, includedFiles } from '../store/boxes/box-content.ts';
import { hostArchitecture } from '../store/boxes/host-architecture.ts';
import { writeBox } from '../store/boxes/pack-box.ts';
import { writeDiskFile } from '../store/write-disk.ts';
import { diskOf } from './disk.ts';
import { filesArtifact } from './files-artifact.ts';
import { localPath } from './local-path.ts';
import type { OutputContext, OutputResult } from './output-context.ts';
import { writeResult } from './write-result.ts';

/** Packer's name for boxes. */
export const boxOutputDefault = 'packer_{{.BuildName}}_{{.Provider}}.box';

/** Vagrant's name for whoever makes machines with QEMU. */
const provider = 'libvirt';

/**
 * Makes a box of the artifact's disk, for Vagrant with libvirt and for Kiln. A file that is there already is replaced,
 * as with a compiler's output. The same disk and files give the same bytes.
 * @throws KilnError `output-failed` when there is no disk, `file-missing`, `bad-usage`, `template-invalid`, `disk-full`,
 *   `cancelled`
 */
export async function runBoxOutput(
  output: BoxOutput,
  input: Artifact,
  context: OutputContext,
): Promise<OutputResult> {
  const { build, run, signal } = context;
  const architecture = output.architecture ?? hostArchitecture();
  const data = {
    BuildName: build.name,
    BuilderType: build.type,
    ArtifactId: input.id,
    Provider: provider,
    Architecture: architecture,
  };
  const disk = await diskOf(input, context);
  const name = context.render(output.path, data);
  const vagrantfile = await readText(output.vagrantfile, context);
  const info = await readText(output.info, context);
  const flat = join(context.scratch, `box-${process.pid}.img`);
  const report = (label: string) => (part: number) =>
    context.emit({
      kind: 'progress',
      build: build.name,
      label,
      done: Math.round(part * 100),
      total: 100,
      unit: 'items',
    });
  try {
    await writeDiskFile({
      from: disk,
      to: flat,
      format: 'qcow2',
      compress: false,
      name: build.name,
      time: 0,
      run,
      signal,
      onProgress: report('copying the disk for the box'),
    });
    const { virtualSize } = await readQcow2Header(flat);
    const members = boxMembers({
      disk: flat,
      virtualSize,
      architecture,
      settings: settingsFor(input),
      files: includedFiles(
        output.include.map((file) => localPath(file, context)),
        '',
      ),
      ...(info !== undefined && { info }),
      ...(vagrantfile !== undefined && {
        vagrantfile: context.render({ kind: 'template', source: vagrantfile }, data),
      }),
    });
    const pack = report(`packing ${name}`);
    await writeResult(localPath(name, context), context, (temporary) =>
      writeBox(temporary, members, {
        run,
        signal,
        ...(output.level !== undefined && { level: output.level }),
        onProgress: (done, total) => pack(total === 0 ? 1 : done / total),
      }),
    );
  } finally {
    await rm(flat, { force: true });
  }
  const artifact = filesArtifact({
    builderId: 'mitchellh.post-processor.vagrant',
    description: `'${provider}' provider box: ${name}`,
    files: [name],
    id: provider,
    folder: context.folder,
  });
  return { artifact, keepInput: false, keepIsForced: false };
}

/** What Vagrant has to know to start a machine of this disk. */
function settingsFor({ disk }: Artifact): string[] {
  const needsEfi = disk?.firmware?.length === 1 && disk.firmware[0] === 'efi';
  if (!needsEfi) return [];
  return [
    'config.vm.provider :libvirt do |libvirt|',
    "  loader = ['/usr/share/OVMF/OVMF_CODE.fd', '/usr/share/edk2/ovmf/OVMF_CODE.fd'].find { |path| File.exist?(path) }",
    '  libvirt.loader = loader if loader',
    'end',
  ];
}

async function readText(file: string | undefined, context: OutputContext): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(localPath(file, context), 'utf8');
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR')) throw error;
    throw new KilnError('file-missing', `${file} is to go into the box and cannot be read`, { cause: error });
  }
}
