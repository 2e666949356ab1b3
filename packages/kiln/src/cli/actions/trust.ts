import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { findVagrantfile } from '../../dialects/vagrant/find-vagrantfile.ts';
import {
  distrustProject,
  type TrustState,
  trustedProjects,
  trustProject,
  trustStateOf,
} from '../../dialects/vagrant/trust.ts';
import type { CommandInput } from '../command.ts';
import type { trustOptions } from '../commands/trust.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { textTable } from '../text-table.ts';
import { homeOf } from './machine-targets.ts';

export async function run(
  { options, args }: CommandInput<typeof trustOptions>,
  context: CliContext,
): Promise<number> {
  const home = homeOf(context);
  if (options.list) return listTrusted(home, options.json, context);
  const file = vagrantfileOf(args[0], context);
  if (options.remove) {
    const wasTrusted = await distrustProject(file, home);
    context.stderr.line(wasTrusted ? `${file} is no longer trusted.` : `${file} was not trusted.`);
    return exitCodes.ok;
  }
  const record = await trustProject(file, home, new Date());
  if (options.json) context.stdout.line(JSON.stringify(record, null, 2));
  else {
    context.stderr.line(
      `${file} may run programs of this host, and read and write files, as long as it stays as it is.`,
    );
  }
  return exitCodes.ok;
}

const states: Readonly<Record<TrustState, string>> = {
  trusted: 'trusted',
  changed: 'has changed since: no longer trusted',
  unknown: 'is gone',
};

async function listTrusted(home: string, json: boolean, { stdout, stderr }: CliContext): Promise<number> {
  const records = await trustedProjects(home);
  const rows = records
    .map((record) => ({
      ...record,
      state: existsSync(record.file) ? trustStateOf(record.file, home) : ('unknown' as const),
    }))
    .sort((a, b) => a.file.localeCompare(b.file));
  if (json) stdout.line(JSON.stringify(rows, null, 2));
  else if (rows.length === 0) stderr.line('No Vagrantfile is trusted.');
  else
    stdout.write(textTable(rows.map(({ file, since, state }) => [file, since.slice(0, 10), states[state]])));
  return exitCodes.ok;
}

function vagrantfileOf(folder: string | undefined, { cwd, env }: CliContext): string {
  const start = resolve(cwd, folder ?? '.');
  const found = findVagrantfile(start, folder === undefined ? env : {});
  if (found !== undefined) return found.file;
  throw new KilnError('not-found', `there is no Vagrantfile in ${start} or above`, {
    hint: 'name the folder of one',
  });
}
