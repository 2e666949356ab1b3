import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTemplate } from '../testing.ts';

/**
 * Templates that Packer and Kiln must judge alike. Left out is where Kiln is more patient on purpose: options that
 * Packer sends through `packer fix` first, and comments that are no texts.
 */
const verdicts: readonly (readonly [name: string, isRight: boolean, template: string])[] = [
  ['least', true, '{"builders":[{"type":"null","communicator":"none"}]}'],
  ['truncated', false, '{"builders":[{"type":"null","communicator":"none"}'],
  ['trailing-comma', false, '{"builders":[{"type":"null","communicator":"none"},]}'],
  ['duplicate-key', false, '{"builders":[{"type":"null","communicator":"none","communicator":"ssh"}]}'],
  ['unknown-root', false, '{"buildres":[],"builders":[{"type":"null","communicator":"none"}]}'],
  ['comment', true, '{"_note":"x","builders":[{"type":"null","communicator":"none"}]}'],
  ['comment-inside', false, '{"builders":[{"type":"null","communicator":"none","_note":"x"}]}'],
  ['no-login', false, '{"builders":[{"type":"null","ssh_host":"a","ssh_username":"b"}]}'],
  ['number-variable', false, '{"variables":{"a":1},"builders":[{"type":"null","communicator":"none"}]}'],
  ['required-variable', false, '{"variables":{"a":null},"builders":[{"type":"null","communicator":"none"}]}'],
  [
    'chained-variables',
    true,
    '{"variables":{"a":"{{user `b`}}","b":"{{env `HOME`}}"},"builders":[{"type":"file","content":"x","target":"{{user `a`}}"}]}',
  ],
  ['env-in-builder', false, '{"builders":[{"type":"file","content":"x","target":"{{env `HOME`}}"}]}'],
  [
    'missing-script',
    false,
    '{"builders":[{"type":"null","communicator":"none"}],"provisioners":[{"type":"shell","script":"no.sh"}]}',
  ],
  [
    'weak-types',
    true,
    '{"builders":[{"type":"null","communicator":"none"}],"provisioners":[{"type":"shell","inline":"a","binary":"true","valid_exit_codes":"0,2","max_retries":3,"only":"null"}]}',
  ],
  [
    'bad-boolean',
    false,
    '{"builders":[{"type":"null","communicator":"none"}],"provisioners":[{"type":"shell","inline":"a","binary":"yes"}]}',
  ],
  [
    'no-unit',
    false,
    '{"builders":[{"type":"null","communicator":"none"}],"provisioners":[{"type":"sleep","duration":"5"}]}',
  ],
  [
    'only-nobody',
    false,
    '{"builders":[{"type":"null","communicator":"none"}],"provisioners":[{"type":"sleep","only":["x"]}]}',
  ],
  [
    'chain',
    true,
    '{"builders":[{"type":"null","communicator":"none"}],"post-processors":["manifest",["checksum",{"type":"compress","output":"{{.BuildName}}.zip"}]]}',
  ],
  [
    'qemu',
    true,
    '{"builders":[{"type":"qemu","iso_url":"x.iso","iso_checksum":"none","ssh_username":"a","disk_size":10,"memory":"","qemuargs":[["-m","1G"]],"boot_command":"a"}]}',
  ],
  [
    'qemu-disk-size',
    false,
    '{"builders":[{"type":"qemu","iso_url":"x.iso","iso_checksum":"none","ssh_username":"a","disk_size":"10X"}]}',
  ],
  ['qemu-no-checksum', false, '{"builders":[{"type":"qemu","iso_url":"x.iso","ssh_username":"a"}]}'],
];

test('right and wrong templates are told apart', () => {
  for (const [name, isRight, template] of verdicts) {
    assert.equal(readTemplate(template).plan !== undefined, isRight, name);
  }
});

test('Packer tells them apart in the same way', async (t) => {
  if (spawnSync('packer', ['version']).error) return t.skip('packer is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'kiln-verdicts-'));
  t.after(() => rm(folder, { recursive: true }));
  const env = {
    ...process.env,
    HOME: folder,
    CHECKPOINT_DISABLE: '1',
    PACKER_CACHE_DIR: join(folder, 'cache'),
  };
  for (const [name, isRight, template] of verdicts) {
    const file = join(folder, `${name}.json`);
    await writeFile(file, template);
    const code = await new Promise<unknown>((resolve) => {
      execFile('packer', ['validate', file], { cwd: folder, env, timeout: 60_000 }, (error) =>
        resolve(error?.code ?? 0),
      );
    });
    assert.equal(code, isRight ? 0 : 1, name);
  }
});
