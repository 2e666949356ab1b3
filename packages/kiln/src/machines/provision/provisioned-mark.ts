import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonIfExists, writeFileAtomically } from '../../base/files.ts';
import { machineFiles } from '../machine-record.ts';

/** What is written down of a machine in which all provisioners that run once have succeeded. */
export interface ProvisionedMark {
  readonly schema: 1;
  readonly at: string;
  /** What they did, when that can be known (provisioned-key.ts). */
  readonly key?: string;
}

/** Undefined for a machine in which that is still to be done. */
export async function readProvisionedMark(home: string, id: string): Promise<ProvisionedMark | undefined> {
  return (await readJsonIfExists(pathOf(home, id))) as ProvisionedMark | undefined;
}

export async function writeProvisionedMark(home: string, id: string, key?: string): Promise<void> {
  const mark: ProvisionedMark = {
    schema: 1,
    at: new Date().toISOString(),
    ...(key !== undefined && { key }),
  };
  await writeFileAtomically(pathOf(home, id), `${JSON.stringify(mark, null, 2)}\n`, 0o600);
}

/** The machine is what it was when this was written of it. */
export async function restoreProvisionedMark(home: string, id: string, mark: ProvisionedMark): Promise<void> {
  await writeFileAtomically(pathOf(home, id), `${JSON.stringify(mark, null, 2)}\n`, 0o600);
}

/** The machine counts as new again, as after its first snapshot was restored. */
export async function removeProvisionedMark(home: string, id: string): Promise<void> {
  await rm(pathOf(home, id), { force: true });
}

/** In the machine's own folder: it goes with the machine. */
function pathOf(home: string, id: string): string {
  return join(machineFiles(home, id).folder, 'provisioned.json');
}
