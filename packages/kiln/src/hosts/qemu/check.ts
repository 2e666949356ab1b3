import { stat } from 'node:fs/promises';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import { checkCommunicator } from '../../guests/check-communicator.ts';
import type { ImageRef } from '../../plan/image-ref.ts';
import type { QemuSource } from '../../plan/qemu-source.ts';
import { parseBootCommand } from './boot-command.ts';
import { type QemuCapabilities, qemuCapabilities } from './capabilities.ts';
import { cdWriterMissing, findCdWriter } from './cd-image.ts';
import { findEfiFiles } from './efi.ts';
import { expandPaths } from './media-files.ts';
import { hostAddressForGuests } from './network.ts';
import { needProgram } from './programs.ts';

/** Mistakes that can be known before anything is made; every one, in words for people. Empty when fine. */
export async function checkQemuSource(source: QemuSource, home: string): Promise<readonly string[]> {
  const { hardware, media, boot } = source;
  const problems: string[] = [...checkCommunicator(source.communicator)];
  const attempt = async (look: () => unknown) => {
    try {
      await look();
    } catch (error) {
      if (!(error instanceof KilnError)) throw error;
      problems.push(error.hint ? `${error.message} (${error.hint})` : error.message);
    }
  };

  await attempt(async () => {
    const capabilities = await qemuCapabilities(hardware.binary ?? 'qemu-system-x86_64', home);
    problems.push(...unknownHardware(source, capabilities));
  });
  await attempt(() => needProgram('qemu-img', 'makes and converts disk images'));
  if (hardware.tpm) await attempt(() => needProgram('swtpm', 'emulates the TPM that vtpm asks for'));
  const { firmware } = hardware;
  await attempt(() => {
    if (firmware.kind === 'efi') findEfiFiles(firmware);
    else if (firmware.file) return needFile('firmware', firmware.file);
  });
  await attempt(() => needImage('disk', source.disk));
  await attempt(() => source.installer && needImage('installer', source.installer));
  await attempt(
    () => media.http?.directory !== undefined && needFolder('http_directory', media.http.directory),
  );
  if (media.cd) {
    await attempt(() => expandPaths('cd_files', media.cd!.files));
    if (!findCdWriter()) problems.push(cdWriterMissing().message);
  }
  if (media.floppy) {
    await attempt(() => expandPaths('floppy_files', media.floppy!.files));
    await attempt(() => expandPaths('floppy_dirs', media.floppy!.directories));
    await attempt(() => needProgram('mformat', 'makes floppy images'));
  }
  await attempt(() => hostAddressForGuests(hardware.netBridge));
  const typed = boot.command.every((text) => typeof text === 'string');
  if (typed) await attempt(() => parseBootCommand(boot.command.join('')));
  if ((boot.vnc.password?.length ?? 0) > 8) {
    problems.push('vnc_password is longer than 8 characters, and VNC knows no more');
  }
  return problems;
}

function unknownHardware(source: QemuSource, capabilities: QemuCapabilities): string[] {
  const { hardware } = source;
  const unknown = (what: string, value: string, known: readonly string[]): string[] =>
    known.includes(value)
      ? []
      : [
          [`${what}: this QEMU (${capabilities.version}) has no "${value}"`, didYouMean(value, known)]
            .filter(Boolean)
            .join('; '),
        ];
  const problems: string[] = [];
  if (hardware.machineType) {
    problems.push(...unknown('machine_type', hardware.machineType.split(',')[0]!, capabilities.machineTypes));
  }
  if (hardware.netDevice !== 'none') {
    problems.push(...unknown('net_device', hardware.netDevice.split(',')[0]!, capabilities.devices));
  }
  if (hardware.tpm) problems.push(...unknown('tpm_device_type', hardware.tpm.device, capabilities.devices));
  if (!['auto', 'none', 'kvm'].includes(hardware.accelerator)) {
    problems.push(...unknown('accelerator', hardware.accelerator, capabilities.accelerators));
  }
  return problems;
}

async function needImage(option: string, ref: ImageRef): Promise<void> {
  if (ref.kind === 'file') await needFile(option, ref.path);
}

async function needFile(option: string, path: string): Promise<void> {
  if (!(await statOrMissing(option, path)).isFile()) {
    throw new KilnError('file-missing', `${option}: ${path} is not a file`);
  }
}

async function needFolder(option: string, path: string): Promise<void> {
  if (!(await statOrMissing(option, path)).isDirectory()) {
    throw new KilnError('file-missing', `${option}: ${path} is not a folder`);
  }
}

async function statOrMissing(option: string, path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
    throw new KilnError('file-missing', `${option}: there is no file ${path}`, { cause: error });
  }
}
