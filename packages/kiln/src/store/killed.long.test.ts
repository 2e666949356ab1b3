import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { reapDeadRuns } from './run.ts';
import { Workshop } from './test-support.ts';

const workshop = new Workshop();
after(() => workshop.remove());

test('whenever a command is killed, the next one leaves a sound store and no stray file or process', async () => {
  const store = workshop.store();
  const disk = workshop.disk('killed', 'raw');
  const out = workshop.path('out');
  const script = `
    const { openStore } = await import(${JSON.stringify(new URL('./store.ts', import.meta.url).href)});
    const [home, disk, out] = process.argv.slice(1);
    const store = openStore(home);
    console.log('ready');
    for (let turn = 0; ; turn++) {
      await store.importImage(disk, { references: ['web:' + turn] });
      for (const format of ['vmdk', 'archive']) await store.exportImage('web:' + turn, out, { format, overwrite: true });
      await store.removeImage('web:' + turn);
    }
  `;
  for (let moment = 0; moment < 6; moment++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, store.home, disk, out], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, moment * 47));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    await reapDeadRuns(store.home);
    assert.deepEqual(await store.verify(), []);
    for (const { references } of await store.listImages())
      for (const reference of references) await store.removeImage(reference);
    await store.prune();
    const left = (readdirSync(store.home, { recursive: true, withFileTypes: true }) as Dirent[])
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
    assert.deepEqual(left, [], `killed after ${moment * 47} ms`);
    const beside = readdirSync(workshop.folder).filter((name) => name.includes('.part'));
    assert.deepEqual(beside, [], 'a half export is removed');
    const writers = readdirSync('/proc').filter(
      (pid) => /^\d+$/.test(pid) && commandOf(pid).includes(store.home),
    );
    assert.deepEqual(writers, []);
  }
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // It has ended meanwhile.
  }
}
