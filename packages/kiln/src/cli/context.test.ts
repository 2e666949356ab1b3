import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const module = fileURLToPath(new URL('./context.ts', import.meta.url));

/** What a process prints that hides these texts; what is hidden is the process's. */
function printed(secrets: readonly string[], lines: readonly string[]): readonly string[] {
  const script = `
    const { createContext, hideInOutput } = await import(${JSON.stringify(module)});
    const { stdout } = createContext(false);
    hideInOutput(${JSON.stringify(secrets)});
    for (const line of ${JSON.stringify(lines)}) stdout.line(line);
    stdout.write('end');
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  assert.equal(stderr, '');
  return stdout.split('\n');
}

test('secrets are hidden in lines', () => {
  assert.deepEqual(printed(['geheim', 'a "b"'], ['the geheim is a "b"', 'nothing']), [
    'the <sensitive> is <sensitive>',
    'nothing',
    'end',
  ]);
});

test('JSON stays JSON, with its names', () => {
  const value = { message: 'the message is a "b"', list: ['geheim'], pin: 1234, other: 12345 };
  const lines = printed(
    ['message', 'a "b"', 'geheim', '1234'],
    [JSON.stringify(value), JSON.stringify([1234]), '{ no JSON with geheim'],
  );
  const hidden = '<sensitive>';
  assert.deepEqual(JSON.parse(lines[0]!), {
    message: `the ${hidden} is ${hidden}`,
    list: [hidden],
    pin: hidden,
    other: 12345,
  });
  assert.deepEqual(lines.slice(1), [`["${hidden}"]`, `{ no JSON with ${hidden}`, 'end']);
  const pretty = printed(['geheim'], [JSON.stringify({ a: 'geheim' }, null, 2)]);
  assert.deepEqual(pretty, ['{', `  "a": "${hidden}"`, '}', 'end']);
});
