import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createPrincipal } from '../access/principals.ts';
import { openDatabase } from './open-database.ts';

let home: string;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'kiln-database-'));
});
after(() => rm(home, { recursive: true, force: true }));

const place = () => ({ kind: 'embedded', folder: join(home, 'database') }) as const;
const add = (open: Awaited<ReturnType<typeof openDatabase>>, name: string) =>
  createPrincipal(open.kysely, { kind: 'user', name }, new Date());

test('what was written is there after closing, and a second process does not get in between', async () => {
  const first = await openDatabase(place());
  await assert.rejects(openDatabase(place()), { code: 'locked' });
  await add(first, 'ada');
  await first.close();
  const again = await openDatabase(place());
  const rows = await again.kysely.selectFrom('principals').select('name').execute();
  await again.close();
  assert.deepEqual(rows, [{ name: 'ada' }]);
});

/** Writes names without end, and says each as soon as it is written. */
const writer = `
const { openDatabase } = await import(${JSON.stringify(new URL('./open-database.ts', import.meta.url).href)});
const { createPrincipal } = await import(${JSON.stringify(new URL('../access/principals.ts', import.meta.url).href)});
const open = await openDatabase(JSON.parse(process.argv[1]));
for (let n = 0; ; n++) {
  await createPrincipal(open.kysely, { kind: 'user', name: 'n' + n }, new Date());
  console.log(n);
}`;

test('what a killed process has said to have written is there', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, JSON.stringify(place())], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = -1;
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      said = Number(String(chunk).trim().split('\n').at(-1));
      if (said >= 50) child.kill('SIGKILL');
    });
    child.on('close', () => resolve());
  });
  assert.ok(said >= 50);
  const open = await openDatabase(place());
  const rows = await open.kysely
    .selectFrom('principals')
    .select('name')
    .where('name', '=', `n${said}`)
    .execute();
  await open.close();
  assert.equal(rows.length, 1);
});

test('transactions of several do not mix, and what fails leaves nothing', async () => {
  const open = await openDatabase({ kind: 'memory' });
  try {
    const work = Array.from({ length: 20 }, (_one, index) =>
      open.kysely.transaction().execute(async (transaction) => {
        await createPrincipal(transaction, { kind: 'user', name: `t${index}` }, new Date());
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (index % 2 === 1) throw new Error('odd');
      }),
    );
    const ends = await Promise.allSettled(work);
    assert.equal(ends.filter(({ status }) => status === 'rejected').length, 10);
    const rows = await open.kysely.selectFrom('principals').select('name').execute();
    assert.equal(rows.length, 10);
    assert.ok(rows.every(({ name }) => Number(name.slice(1)) % 2 === 0));
  } finally {
    await open.close();
  }
});

test('a server that is not there is named as what is wrong', async () => {
  const url = 'postgres://nobody:secret@127.0.0.1:1/none';
  await assert.rejects(openDatabase({ kind: 'postgres', url }), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'database-failed');
    assert.ok(!error.message.includes('secret'));
    return true;
  });
});
