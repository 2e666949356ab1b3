import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { exitCode } from '../../base/processes.ts';
import type { Session } from './session.ts';
import { VagrantError } from './vagrant-error.ts';

/**
 * Runs a command that the user gave a name of their own, in `aliases` of Vagrant's home or VAGRANT_ALIAS_FILE:
 * `name = command with flags`, or `name = !line for the shell`. Undefined when there is none of that name.
 */
export async function runAlias(
  name: string,
  words: readonly string[],
  extra: readonly string[] | undefined,
  session: Session,
): Promise<number | undefined> {
  const line = aliasesOf(session).get(name);
  if (line === undefined) return undefined;
  if (line.startsWith('!')) {
    const command = [line.slice(1).trim(), ...words].join(' ');
    const child = spawn('/bin/sh', ['-c', command], { cwd: session.context.cwd, stdio: 'inherit' });
    return exitCode(child, '/bin/sh');
  }
  const { dispatch } = await import('./run-vagrant.ts');
  return dispatch([...line.split(/\s+/), ...words], extra, session);
}

function aliasesOf({ context, vagrantHome }: Session): ReadonlyMap<string, string> {
  const given = context.env['VAGRANT_ALIAS_FILE'];
  const file = given ? resolve(context.cwd, given) : join(vagrantHome.folder, 'aliases');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return new Map();
    throw error;
  }
  const aliases = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, keyword = '', command = ''] = /^([^=]*)=(.*)$/.exec(line.trim()) ?? [];
    if (line.trim().startsWith('#') || command.trim() === '') continue;
    if (/\s/.test(keyword.trim())) {
      throw new VagrantError(
        'AliasInvalidError',
        `${file}: the name of an alias has no blanks: ${line.trim()}`,
      );
    }
    // The last line of a name counts.
    aliases.set(keyword.trim(), command.trim());
  }
  return aliases;
}
