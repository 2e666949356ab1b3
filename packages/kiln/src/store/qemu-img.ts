import { KilnError } from '../base/errors.ts';
import { runOrFail } from '../base/processes.ts';
import type { Run } from './run.ts';

export interface QemuImgOptions {
  readonly signal?: AbortSignal;
  /** Journals the process, so that it ends even when this one is killed. */
  readonly run?: Run;
  /** Part that is done, 0 to 1. Asks for `-p`, which convert, rebase and check know. */
  readonly onProgress?: (part: number) => void;
}

/**
 * Runs `qemu-img`. Paths must be absolute: QEMU takes what stands before a colon for a protocol.
 * @param writes the file that is written, for the message when the disk is full
 * @throws KilnError `tool-missing`, `tool-failed`, `disk-full`, `cancelled`
 */
export async function qemuImg(
  command: string,
  args: readonly string[],
  writes: string | undefined,
  options: QemuImgOptions = {},
): Promise<string> {
  const { onProgress, run, signal } = options;
  try {
    const result = await runOrFail('qemu-img', [command, ...(onProgress ? ['-p'] : []), ...args], {
      ...(signal && { signal }),
      ...(run && {
        onStart: (pid: number) => run.ownProcess(pid),
        env: { ...process.env, ...run.environment },
      }),
      ...(onProgress && { onLine: (line: string) => reportProgress(line, onProgress) }),
    });
    return result.stdout;
  } catch (error) {
    if (error instanceof KilnError && error.code === 'disk-full' && writes) {
      throw new KilnError('disk-full', `no space left while writing ${writes}`, {
        hint: 'free some space or point KILN_HOME at a larger disk, then try again',
        cause: error,
      });
    }
    throw error;
  }
}

function reportProgress(line: string, onProgress: (part: number) => void): void {
  const percent = /\(\s*([\d.]+)\/100%\)/.exec(line);
  if (percent) onProgress(Math.min(1, Number(percent[1]) / 100));
}

/** What the guest would see of a disk, in bytes. The image must have been found safe to open before. */
export async function virtualSizeOf(path: string, format: string, signal?: AbortSignal): Promise<number> {
  const out = await qemuImg('info', ['--output=json', '-U', '-f', format, path], undefined, {
    ...(signal && { signal }),
  });
  const info = JSON.parse(out) as { readonly 'virtual-size': number };
  return info['virtual-size'];
}
