import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makePackerShop } from './testing.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

for (const [signal, word] of [
  ['SIGINT', 'interrupt'],
  ['SIGTERM', 'terminated'],
] as const) {
  test(`${signal} cancels the build, cleans up and ends with 1`, async (t) => {
    const { folder, env } = makePackerShop(t, {
      't.json': JSON.stringify({
        builders: [{ type: 'file', content: 'x', target: 'made.txt' }],
        provisioners: [{ type: 'shell-local', inline: ['echo begun', 'sleep 60'] }],
      }),
    });
    const child = spawn(process.execPath, [main, 'packer', 'build', '-color=false', 't.json'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    let stdout = '';
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      if (!stdout.includes('begun') && `${stdout}${chunk}`.includes('begun')) child.kill(signal);
      stdout += chunk;
    }
    assert.equal(await ended, 1);
    assert.equal(
      stdout.replace(/after \d.*?(?=:|$)/gm, 'after AWHILE'),
      `==> file: step 1 of 1: shell-local
==> file: Running inline script
==> file: begun
Cancelling build after receiving ${word}
Build 'file' errored after AWHILE: the build was cancelled

==> Wait completed after AWHILE
Cleanly cancelled builds after being interrupted.
`,
    );
    assert.ok(!existsSync(join(folder, 'made.txt')), 'what it made is gone');
  });
}
