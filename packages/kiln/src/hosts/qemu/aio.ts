import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { run } from '../../base/processes.ts';
import { rememberedFact } from './host-facts.ts';
import { needProgram } from './programs.ts';

/**
 * `io_uring` when QEMU and this host's kernel can use it for files, which saves a pool of threads; undefined for
 * QEMU's own choice. Containers and hardened kernels often forbid it, so it is tried.
 */
export async function hostAio(home: string): Promise<'io_uring' | undefined> {
  if (process.platform !== 'linux') return undefined;
  const key = `${readBootId()} ${needProgram('qemu-img', 'makes and converts disk images')}`;
  const works = await rememberedFact(home, 'io-uring', key, isBoolean, tryIoUring);
  return works ? 'io_uring' : undefined;
}

async function tryIoUring(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-aio-'));
  try {
    const disk = join(folder, 'disk.raw');
    await writeFile(disk, Buffer.alloc(1 << 16));
    const { code } = await run(needProgram('qemu-img', 'makes and converts disk images'), [
      ...['bench', '-c', '4', '-d', '2', '-s', '4096', '-f', 'raw', '-i', 'io_uring', '-w', disk],
    ]);
    return code === 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES')) return 'unknown';
    throw error;
  }
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}
