import { mkdir, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exists, readTextIfExists, writeFileAtomically } from '../base/files.ts';
import { listRecords, type MachineRecord, machineFiles } from './machine-record.ts';
import { sshConfig } from './ssh-arguments.ts';

/** The file that OpenSSH is told to read, kept true while it is there. */
function includeFile(home: string): string {
  return join(home, 'ssh_config');
}

/** A line of ssh_config(5) that reads another file. It has to stand before the first Host line. */
function includeLine(home: string): string {
  return `Include "${includeFile(home)}"`;
}

/**
 * Has OpenSSH, and all that builds on it, know this store's machines by name.
 * @param config the user's ssh_config(5), usually `~/.ssh/config`; made when it is not there
 * @returns whether it was changed
 */
export async function installInclude(home: string, config: string): Promise<boolean> {
  await writeInclude(home);
  const text = (await readTextIfExists(config)) ?? '';
  const line = includeLine(home);
  if (text.split('\n').some((one) => one.trim() === line)) return false;
  await mkdir(dirname(config), { recursive: true, mode: 0o700 });
  await rewrite(config, `${line}\n\n${text}`);
  return true;
}

/** Undoes `installInclude`. @returns whether there was anything to undo */
export async function removeInclude(home: string, config: string): Promise<boolean> {
  await rm(includeFile(home), { force: true });
  const text = await readTextIfExists(config);
  const line = includeLine(home);
  if (text === undefined || !text.includes(line)) return false;
  await rewrite(config, text.replace(new RegExp(`^[ \\t]*${escapeRegExp(line)}[ \\t]*\\n\\n?`, 'm'), ''));
  return true;
}

/** Brings the file up to date where there is one. */
export async function refreshInclude(home: string): Promise<void> {
  if (await exists(includeFile(home))) await writeInclude(home);
}

async function writeInclude(home: string): Promise<void> {
  const blocks = [...namesForSsh(await listRecords(home))].map(([name, record]) =>
    sshConfig(record, machineFiles(home, record.id), name),
  );
  const head = '# Kept by Kiln (`kiln ssh-config --install`); changes are lost.\n\n';
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFileAtomically(includeFile(home), head + blocks.join('\n'), 0o600);
}

/**
 * What ssh calls machines: `web.shop` for the machine web of a project in the folder shop, `web.kiln` for one of no
 * project. Of several with the same name the oldest has it, the others have their id behind it.
 */
export function namesForSsh(records: readonly MachineRecord[]): ReadonlyMap<string, MachineRecord> {
  const names = new Map<string, MachineRecord>();
  const byAge = records
    .filter(({ sshPort }) => sshPort > 0)
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  for (const record of byAge) {
    const place = record.project === undefined ? 'kiln' : basename(record.project);
    const name = `${record.name}.${place}`.replace(/[^A-Za-z0-9._-]+/g, '-');
    names.set(names.has(name) ? `${name}.${record.id}` : name, record);
  }
  return names;
}

/** People keep this file elsewhere, and link to it. */
async function rewrite(config: string, text: string): Promise<void> {
  const target = (await exists(config)) ? await realpath(config) : config;
  await writeFileAtomically(target, text, 0o600);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
