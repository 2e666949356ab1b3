import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RunLog, readLog } from './run-log.ts';

test('a log has a time in front of every line, no secrets of addresses, and is read by bytes', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'kiln-log-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const template = {
    properties: {
      customize: [
        { scriptUri: 'https://user:pass%2Fword@example.org/a?sig=AbC%2Bdef%3D&sv=2024' },
        { sourceUri: 'https://example.org/b?token=tok-12345' },
      ],
    },
  };
  const id = 'abcdef00-0000-4000-8000-000000000000';
  assert.deepEqual(await readLog(home, id, 0, 100), { bytes: Buffer.alloc(0), next: 0, size: 0 });
  const log = await RunLog.open(home, id, template, () => new Date(0));
  log.line('first\nsecond ünïcode');
  log.line('curl https://user:pass%2Fword@example.org/a?sig=AbC%2Bdef%3D AbC+def= tok-12345 2024');
  await log.close();
  const { bytes, next, size } = await readLog(home, id, 0, 1 << 20);
  const time = '1970-01-01T00:00:00.000Z';
  const hidden = '<sensitive>';
  assert.equal(
    bytes.toString(),
    `${time} first\n${time} second ünïcode\n${time} curl https://user:${hidden}@example.org/a?sig=${hidden} ${hidden} ${hidden} 2024\n`,
  );
  assert.equal(next, size);
  let read = Buffer.alloc(0);
  for (let at = 0; at < size; ) {
    const part = await readLog(home, id, at, 7);
    read = Buffer.concat([read, part.bytes]);
    at = part.next;
  }
  assert.deepEqual(read, bytes);
});
