import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { testFiles } from './test-files.ts';
import { testHome } from './test-home.ts';

/**
 * All tests: types and lint, unit tests, those that run peers' programs too, then those that boot machines, one file after
 * the other (each keeps both cores busy). Machine tests share one store, so that the base image is made once.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
// Every test file is a process of its own: without the cache they would all compile the same sources.
const env = {
  ...process.env,
  KILN_TEST_HOME: testHome(),
  // Runs of the tests leave states there that no later run asks for.
  KILN_CACHE_SIZE: process.env.KILN_CACHE_SIZE ?? '6G',
  NODE_COMPILE_CACHE: `${root}node_modules/.cache/compile`,
};

interface Outcome {
  readonly code: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

function start(command: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let tail = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      process.stdout.write(text);
      tail = (tail + text).slice(-64_000);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const count = (word: string) => Number(new RegExp(`^ℹ ${word} (\\d+)$`, 'm').exec(tail)?.[1] ?? 0);
      resolve({
        code: code ?? 1,
        passed: count('pass'),
        failed: count('fail') + count('cancelled'),
        skipped: count('skipped') + count('todo'),
      });
    });
  });
}

const files = testFiles(root);
const tests = (concurrency: number, ...args: readonly string[]) =>
  start(process.execPath, [
    ...['--test', '--test-reporter=spec', `--test-concurrency=${concurrency}`],
    ...args,
  ]);
const phases = [
  ['types', () => start('tsc', ['-p', '.', '--pretty', 'false'])],
  ['lint and format', () => start('biome', ['ci', '--colors=off', '--error-on-warnings', '.'])],
  ['tests of packages that stand alone', () => tests(1, '--test-isolation=none', ...files.alone)],
  ['unit tests', () => tests(4, ...files.unit)],
  ['longer tests', () => tests(4, ...files.long)],
  ['tests beside peers', () => tests(2, ...files.peer)],
  ['tests with machines', () => tests(1, ...files.machine)],
] as const;

const total = { passed: 0, failed: 0, skipped: 0 };
let ok = true;
for (const [what, run] of phases) {
  const started = performance.now();
  console.log(`\n== ${what}`);
  const outcome = await run();
  total.passed += outcome.passed;
  total.failed += outcome.failed;
  total.skipped += outcome.skipped;
  if (outcome.code !== 0) ok = false;
  console.log(
    `== ${what}: ${outcome.code === 0 ? 'ok' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
}
if (!ok && total.failed === 0) total.failed = 1;
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = ok ? 0 : 1;
