import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import type { Guest, GuestCommand } from '../guests/guest.ts';
import { noGuest } from '../guests/no-guest.ts';
import { requireWindows } from './require-windows.ts';
import { recordedContext } from './testing/step-context.ts';

/** A machine whose shell is that of this host, or which has none of its commands. */
function guestWith(path: string): Guest {
  return {
    ...noGuest('this test runs commands alone'),
    exec: ({ command, onLine }: GuestCommand) =>
      new Promise((resolve, reject) => {
        const child = spawn('/bin/sh', ['-c', command], { env: { PATH: path } });
        child.stdout.setEncoding('utf8').on('data', (text: string) => onLine?.(text.trimEnd(), 'stdout'));
        child.once('error', reject);
        child.once('close', (code) => resolve({ kind: 'exited', code: code ?? 1 }));
      }),
  };
}

const step = { kind: 'sleep', duration: 0, pauseBefore: 0, timeout: 0, maxRetries: 0 } as const;

test('a step for Windows is refused where the machine says that it is another system', async (t) => {
  const context = await recordedContext(t, { guest: guestWith(process.env['PATH'] ?? '') });
  await assert.rejects(requireWindows(step, context), {
    code: 'unsupported',
    message: /^this step needs Windows, and the machine runs \w+/,
  });
  const windows = await recordedContext(t, { guest: guestWith('/nowhere') });
  await requireWindows(step, windows);
});
