import { existsSync } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { KilnError } from '../../base/errors.ts';
import type { QemuFirmware } from '../../plan/qemu-source.ts';

export interface EfiFiles {
  readonly code: string;
  /** The template of the variables; never to be written. */
  readonly vars: string;
}

/** Where distributions put OVMF, first come first served. Packer knows only the first pair. */
const knownPairs: readonly EfiFiles[] = [
  { code: '/usr/share/OVMF/OVMF_CODE.fd', vars: '/usr/share/OVMF/OVMF_VARS.fd' },
  { code: '/usr/share/OVMF/OVMF_CODE_4M.fd', vars: '/usr/share/OVMF/OVMF_VARS_4M.fd' },
  { code: '/usr/share/edk2/ovmf/OVMF_CODE.fd', vars: '/usr/share/edk2/ovmf/OVMF_VARS.fd' },
  { code: '/usr/share/edk2/x64/OVMF_CODE.4m.fd', vars: '/usr/share/edk2/x64/OVMF_VARS.4m.fd' },
];

/**
 * The firmware's two files. Code and variables belong together (a firmware ignores variables of another size), so
 * one that is not named is looked for beside the other.
 * @throws KilnError `file-missing`
 */
export function findEfiFiles(firmware: Extract<QemuFirmware, { kind: 'efi' }>): EfiFiles {
  const { code, vars } = firmware;
  if (code === undefined && vars === undefined) {
    const pair = knownPairs.find((one) => existsSync(one.code) && existsSync(one.vars));
    if (pair) return pair;
    throw new KilnError('file-missing', 'no UEFI firmware (OVMF) is installed', {
      hint: 'install it (Debian and Ubuntu: apt-get install ovmf), or set efi_firmware_code and efi_firmware_vars',
    });
  }
  const pair = {
    code: code ?? counterpart(vars!, 'VARS', 'CODE') ?? knownPairs[0]!.code,
    vars: vars ?? counterpart(code!, 'CODE', 'VARS') ?? knownPairs[0]!.vars,
  };
  for (const [option, path] of [
    ['efi_firmware_code', pair.code],
    ['efi_firmware_vars', pair.vars],
  ] as const) {
    if (!existsSync(path)) {
      throw new KilnError('file-missing', `${option}: there is no file ${path}`, {
        hint: 'name both efi_firmware_code and efi_firmware_vars',
      });
    }
  }
  return pair;
}

/** Name of the machine's own variables beside its disks. */
export const efiVarsName = 'efivars.fd';

/** Gives the machine variables of its own. */
export async function copyEfiVars(files: EfiFiles, path: string): Promise<void> {
  await copyFile(files.vars, path);
  // The template is often read-only, and the copy would be too.
  await chmod(path, 0o660);
}

function counterpart(path: string, from: string, to: string): string | undefined {
  const at = path.lastIndexOf(from);
  if (at < 0) return undefined;
  const other = `${path.slice(0, at)}${to}${path.slice(at + from.length)}`;
  if (existsSync(other)) return other;
  // Signed firmware variants share the variables of the plain one: OVMF_CODE.secboot.fd has OVMF_VARS.ms.fd or .fd.
  const plain = other.replace(/\.(secboot|ms|snakeoil)(?=\.fd$)/, '');
  return existsSync(plain) ? plain : undefined;
}
