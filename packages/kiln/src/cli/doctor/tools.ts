import { KilnError } from '../../base/errors.ts';
import { run } from '../../base/processes.ts';
import { findProgram } from '../../hosts/qemu/programs.ts';
import type { Check } from './check.ts';

/** A program that Kiln runs, and how to ask it for its version. */
interface Tool {
  readonly program: string;
  readonly versionArguments: readonly string[];
  /** Package of Debian and Ubuntu. */
  readonly debianPackage: string;
  readonly needed: boolean;
  /** What it is for. */
  readonly purpose: string;
}

const tools: readonly Tool[] = [
  {
    program: 'qemu-system-x86_64',
    versionArguments: ['--version'],
    debianPackage: 'qemu-system-x86',
    needed: true,
    purpose: 'runs the machines',
  },
  {
    program: 'qemu-img',
    versionArguments: ['--version'],
    debianPackage: 'qemu-utils',
    needed: true,
    purpose: 'makes and converts disks',
  },
  {
    program: 'mmdebstrap',
    versionArguments: ['--version'],
    debianPackage: 'mmdebstrap',
    needed: true,
    purpose: 'makes the images debian/12, ubuntu/24.04 and their like',
  },
  {
    program: 'mke2fs',
    versionArguments: ['-V'],
    debianPackage: 'e2fsprogs',
    needed: true,
    purpose: 'makes the filesystem of those images',
  },
  {
    program: 'mkfs.vfat',
    versionArguments: ['--help'],
    debianPackage: 'dosfstools',
    needed: true,
    purpose: 'makes the boot partition of those images',
  },
  {
    program: 'mcopy',
    versionArguments: ['-V'],
    debianPackage: 'mtools',
    needed: true,
    purpose: 'fills that partition, and floppy disks',
  },
  {
    program: 'ssh',
    versionArguments: ['-V'],
    debianPackage: 'openssh-client',
    needed: false,
    purpose: '`kiln ssh` uses it',
  },
  {
    program: 'xorriso',
    versionArguments: ['-version'],
    debianPackage: 'xorriso',
    needed: false,
    purpose: 'makes CD images for templates with cd_files or cd_content',
  },
];

export interface ToolChecks {
  readonly checks: readonly Check[];
  /** Packages of Debian and Ubuntu that have what is missing. */
  readonly packages: readonly string[];
}

export async function checkTools(env: Readonly<Record<string, string | undefined>>): Promise<ToolChecks> {
  // Administrators' programs are not in everybody's PATH, and Kiln finds them there too.
  const path = `${env.PATH ?? ''}:/usr/sbin:/sbin`;
  const found = await Promise.all(tools.map(async (tool) => ({ tool, check: await checkTool(tool, path) })));
  return {
    checks: found.map((one) => one.check),
    packages: found.filter((one) => one.check.status === 'missing').map((one) => one.tool.debianPackage),
  };
}

async function checkTool(tool: Tool, path: string): Promise<Check> {
  const { program, needed, purpose, debianPackage } = tool;
  const file = findProgram(program, path);
  if (file === undefined) {
    return {
      name: program,
      status: 'missing',
      needed,
      detail: purpose,
      fix: installCommand([debianPackage]),
    };
  }
  const version = await versionOf(file, tool.versionArguments);
  return {
    name: program,
    status: 'ok',
    needed,
    detail: version === undefined ? file : `${version} (${file})`,
  };
}

/** The first thing in a program's words that looks like a version. */
async function versionOf(file: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(file, args, { signal: AbortSignal.timeout(10_000) });
    return /(?<![\d.])\d+(?:\.\d+)+(?:p\d+)?/.exec(`${stdout}\n${stderr}`)?.[0];
  } catch (error) {
    if (error instanceof KilnError) return undefined;
    throw error;
  }
}

/** Line that installs packages on Debian and Ubuntu. */
export function installCommand(packages: readonly string[]): string {
  const root = process.getuid?.() === 0 ? '' : 'sudo ';
  return `${root}apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}
