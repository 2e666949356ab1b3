import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Guest } from '../guests/guest.ts';
import { noGuest } from '../guests/no-guest.ts';
import { runStep } from './run-step.ts';
import { recordedContext } from './testing/step-context.ts';
import { fileStep } from './testing/step-defaults.ts';

/** A machine whose files are in a folder of this one. */
function guestIn(folder: string): Guest {
  return {
    ...noGuest('this test uploads alone'),
    upload: async ({ from, to }) => {
      assert.equal(from.kind, 'bytes');
      if (from.kind === 'bytes') writeFileSync(join(folder, to), from.bytes);
    },
  };
}

async function serve(t: TestContext, text: string): Promise<string> {
  const server = createServer((_request, response) => response.end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a file of another host is uploaded when it is what it should be', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-file-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const base = await serve(t, 'hello\n');
  const context = await recordedContext(t, { guest: guestIn(folder) });
  const digest = (hex: string) => [{ algorithm: 'sha256', hex } as const];
  const right = createHash('sha256').update('hello\n').digest('hex');
  const step = (hex: string, destination: string) =>
    fileStep({ sources: [], destination, download: { url: `${base}/page.html?x=1`, digests: digest(hex) } });
  await runStep(step(right, 'index.html'), context);
  assert.equal(readFileSync(join(folder, 'index.html'), 'utf8'), 'hello\n');
  await runStep(step(right, './'), context);
  assert.equal(readFileSync(join(folder, 'page.html'), 'utf8'), 'hello\n');
  await assert.rejects(runStep(step('0'.repeat(64), 'other'), context), { code: 'checksum-mismatch' });
});
