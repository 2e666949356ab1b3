import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { testFiles } from './test-files.ts';

/** Types, lint, format, import directions and unit tests: the quick loop. Peers and machines are left to `npm test`. */
const root = fileURLToPath(new URL('..', import.meta.url));
// Every test file is a process of its own: without the cache they would all compile the same sources.
const env = { ...process.env, NODE_COMPILE_CACHE: `${root}node_modules/.cache/compile` };

function start(what: string, command: string, args: readonly string[]): Promise<boolean> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${what} (${seconds} s)`);
      if (code !== 0) process.stdout.write(Buffer.concat(chunks));
      resolve(code === 0);
    });
  });
}

const quick = await Promise.all([
  start('types', 'tsc', ['-p', '.', '--pretty', 'false']),
  start('lint and format', 'biome', ['ci', '--colors=off', '--error-on-warnings', '.']),
]);
const files = testFiles(root);
const dots = ['--test', '--test-reporter=dot'];
const tests = await Promise.all([
  start('tests of packages that stand alone', process.execPath, [
    ...[...dots, '--test-isolation=none'],
    ...files.alone,
  ]),
  start('unit tests', process.execPath, [...dots, '--test-concurrency=4', ...files.unit]),
]);
process.exitCode = [...quick, ...tests].every(Boolean) ? 0 : 1;
