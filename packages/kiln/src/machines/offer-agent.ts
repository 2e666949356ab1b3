import { spawn } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KilnError } from '../base/errors.ts';
import { agentScript } from '../guests/agent/agent-script.ts';
import { agentStart, startAgent } from '../guests/agent/start-agent.ts';
import type { Guest } from '../guests/guest.ts';
import { type MachineRecord, machineFiles } from './machine-record.ts';
import { sshArguments } from './ssh-arguments.ts';

/** A machine that cannot have an agent is reached by SSH alone. @throws KilnError `cancelled` */
export async function offerAgent({ signal }: { readonly signal: AbortSignal }, guest: Guest): Promise<void> {
  try {
    await startAgent(guest, signal);
  } catch (error) {
    if (!(error instanceof KilnError) || error.code === 'cancelled') throw error;
  }
}

/**
 * Has the agent started in a machine that somebody has just reached by SSH, such as one that was restarted from inside:
 * the next command finds it. Nobody waits for it, and this process need not be there for it.
 */
export async function offerAgentBehind(home: string, record: MachineRecord): Promise<void> {
  const files = machineFiles(home, record.id);
  const script = join(files.folder, 'agent-script');
  await writeFile(script, agentScript, { mode: 0o600 });
  const input = await open(script, 'r');
  try {
    const words = sshArguments(record, files, { terminal: false, command: agentStart });
    const child = spawn('ssh', words, { stdio: [input.fd, 'ignore', 'ignore'], detached: true });
    child.on('error', () => {}); // the command itself has told that there is no ssh
    child.unref();
  } finally {
    await input.close();
  }
}
