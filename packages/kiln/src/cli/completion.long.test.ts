import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadAllCommands } from './commands/table.ts';
import { fishCompletion } from './completion/fish.ts';
import { completedCommands } from './completion/words.ts';
import { zshCompletion } from './completion/zsh.ts';
import { makeWorkshop } from './testing.ts';

/** Asks bash itself what it would offer. */
async function offered(t: Parameters<typeof makeWorkshop>[0], line: readonly string[]): Promise<string[]> {
  const { kiln, folder } = makeWorkshop(t, { 'kiln.yaml': '', 'sub/x': '' });
  const script = join(folder, 'completion.bash');
  writeFileSync(script, (await kiln('completion', 'bash')).stdout);
  const words = ['kiln', ...line].map((word) => `'${word}'`).join(' ');
  const ask = `source ${script}; compopt() { :; }; COMP_WORDS=(${words}); COMP_CWORD=${line.length}; _kiln; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['--norc', '-c', ask], { cwd: folder, encoding: 'utf8' });
  return out.split('\n').filter((word) => word !== '');
}

const cases: readonly (readonly [what: string, line: readonly string[], expected: readonly string[]])[] = [
  ['commands', ['va'], ['validate', 'vagrant']],
  ['commands of a group', ['image', 're'], ['remove']],
  ['commands and options of the cache', ['cache', 'verify', '--re'], ['--repair']],
  ['options', ['build', '--o'], ['--only', '--on-error']],
  ['negated flags', ['build', '--no-'], ['--no-cache', '--no-live', '--no-color']],
  ['options inside a group', ['image', 'export', '--f'], ['--format', '--force']],
  ['values of an option', ['build', '--on-error', 'a'], ['abort', 'ask']],
  ['values of an argument', ['completion', ''], ['bash', 'zsh', 'fish']],
  ['files', ['build', 'kiln'], ['kiln.yaml']],
  ['files for an option', ['build', '--var-file', 'k'], ['kiln.yaml']],
  ['nothing for a value of the user’s own', ['build', '--var', ''], []],
  ['commands to read about', ['help', 'bui'], ['build']],
];

for (const [what, line, expected] of cases) {
  test(`bash offers ${what}`, async (t) => assert.deepEqual(await offered(t, line), expected));
}

test('the scripts for zsh and fish have every command and option', async () => {
  const commands = completedCommands(await loadAllCommands());
  const scripts = [zshCompletion(commands), fishCompletion(commands)];
  for (const { subcommands, options } of commands) {
    for (const script of scripts) {
      for (const { name } of subcommands) assert.ok(script.includes(name));
      for (const { long } of options) assert.ok(script.includes(long.slice(2)), long);
    }
  }
});

test('another shell is refused', async (t) => {
  const { kiln } = makeWorkshop(t);
  assert.deepEqual(await kiln('completion', 'bsh'), {
    code: 2,
    stdout: '',
    stderr: 'error: kiln completion: there is no completion for "bsh"\nhint: did you mean "bash"?\n',
  });
});
