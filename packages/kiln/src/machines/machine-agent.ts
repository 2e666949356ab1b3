import { lstat } from 'node:fs/promises';
import { isSystemError } from '../base/errors.ts';
import { runOrFail } from '../base/processes.ts';
import { bellPaths } from '../guests/agent/agent-ports.ts';
import type { AgentSite } from '../guests/agent/agent-session.ts';
import { Qmp } from '../hosts/qemu/qmp.ts';
import type { MachineFiles } from './machine-record.ts';

/** Where the agent of a machine that runs is reached. */
export function agentSite(files: Pick<MachineFiles, 'folder' | 'ask'>): AgentSite {
  return { folder: files.folder, isThere: () => bellIsOpen(files.ask) };
}

/** QEMU's ends of the agent's bells, which have to be there before QEMU starts. */
export async function makeBells(folder: string): Promise<void> {
  const missing: string[] = [];
  for (const path of bellPaths(folder)) {
    try {
      await lstat(path);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
      missing.push(path);
    }
  }
  if (missing.length > 0) await runOrFail('mkfifo', ['-m', '600', '--', ...missing]);
}

/** QEMU knows whether the guest has a port open. */
async function bellIsOpen(socket: string): Promise<boolean> {
  try {
    const qmp = await Qmp.connect(socket, AbortSignal.timeout(2000));
    try {
      const devices =
        await qmp.expect<readonly { label: string; 'frontend-open': boolean }[]>('query-chardev');
      return devices.some((one) => /^a\d+b$/.test(one.label) && one['frontend-open']);
    } finally {
      qmp.close();
    }
  } catch {
    return false;
  }
}
