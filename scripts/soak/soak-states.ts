import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkpointFiles } from '../../packages/kiln/src/store/checkpoints/checkpoint-files.ts';
import type { CheckpointRecord } from '../../packages/kiln/src/store/checkpoints/checkpoint-record.ts';
import { storeLayout } from '../../packages/kiln/src/store/home.ts';
import { randomNumbers } from './random-numbers.ts';
import type { SoakOptions, SoakResult } from './soak.ts';

const kiln = fileURLToPath(new URL('../../kiln', import.meta.url));
const steps = 5;

/** Every step appends its own word to what the step before has left, so that a wrong state shows in the last one. */
function template(word: string, from: number): string {
  const lines = Array.from(
    { length: steps },
    (_, at) =>
      `      - run: echo ${at >= from ? word : 'first'}-${at} | sudo tee -a /srv/words; dd if=/dev/urandom bs=1M count=8 2>/dev/null | sudo tee /srv/random-${at} >/dev/null`,
  );
  const last = '      - run: tr "\\n" " " </srv/words; echo; test $(ls /srv/random-* | wc -l) = 5';
  return `kiln: 1\nimages:\n  soak-states:\n    from: debian/12\n    memory: 512M\n    steps:\n${lines.join('\n')}\n${last}\n`;
}

/**
 * Kills Kiln, or QEMU under it, at random moments while states are being kept, and looks each time whether the next
 * build is right, the store whole, and nothing there that belongs to nobody.
 */
export async function soakStates({ runs, home, seed, onRun }: SoakOptions): Promise<SoakResult> {
  const project = mkdtempSync(join(tmpdir(), 'kiln-soak-'));
  const random = randomNumbers(seed);
  const faults: string[] = [];
  // The store may still hold what an earlier soak with the same words has built.
  const mark = `${process.pid}-${Date.now()}`;
  let finished = 0;
  try {
    const first = await build(project, home, template('first', steps));
    if (first.code !== 0) throw new Error(`the build does not work even when left alone:\n${first.output}`);
    for (let run = 1; run <= runs; run++) {
      const word = `run${run}-${mark}`;
      const from = Math.floor(random() * (steps - 1));
      const words = template(word, from);
      const whole = 3000 + (steps - from) * 2500;
      const moment = random() * whole;
      const victim = random() < 0.6 ? 'kiln' : 'qemu';
      const killed = await build(project, home, words, { victim, moment });
      if (killed.code === 0) finished++;
      const next = await build(project, home, words);
      const problems: string[] = [];
      const expected = Array.from({ length: steps }, (_, at) => `${at >= from ? word : 'first'}-${at}`);
      if (next.code !== 0) problems.push(`the next build fails: ${next.output.slice(-500)}`);
      // A build that had finished is unchanged, and says nothing.
      else if (!killed.output.includes('build succeeded') && !next.output.includes(expected.join(' ')))
        problems.push(`the next build is wrong: ${next.output.slice(-500)}`);
      problems.push(...strayBlobs(home), ...verify(home));
      onRun(
        `states, run ${run}: ${victim} killed at ${(moment / 1000).toFixed(1)} s, ${killed.code === 0 ? 'had finished' : `ended with ${killed.code}`}: ${problems.length === 0 ? 'right' : 'WRONG'}`,
      );
      for (const problem of problems) {
        onRun(`  ${problem}`);
        faults.push(`run ${run} (${victim} at ${Math.round(moment)} ms, seed ${seed}): ${problem}`);
      }
    }
  } finally {
    rmSync(project, { recursive: true, force: true });
    spawnSync(kiln, ['image', 'remove', 'soak-states'], {
      env: { ...process.env, KILN_HOME: home },
      stdio: 'ignore',
    });
  }
  return { runs, finished, faults };
}

/** Files of states that no record speaks of: those of builds that were killed go with the next prune at the latest. */
function strayBlobs(home: string): string[] {
  const env = { ...process.env, KILN_HOME: home };
  spawnSync(kiln, ['cache', 'prune'], { env, stdio: 'ignore' });
  const { records, disks, memory } = checkpointFiles(storeLayout(home));
  const known = new Set(
    readdirSync(records).flatMap((name) =>
      name.endsWith('.json')
        ? Object.keys((JSON.parse(readFileSync(join(records, name), 'utf8')) as CheckpointRecord).files)
        : [],
    ),
  );
  return [...readdirSync(disks), ...readdirSync(memory)]
    .filter((name) => !known.has(name.replace('.qcow2', '')))
    .map((name) => `stray file ${name}`);
}

function verify(home: string): string[] {
  const env = { ...process.env, KILN_HOME: home };
  const { status, stdout, stderr } = spawnSync(kiln, ['cache', 'verify'], { env, encoding: 'utf8' });
  return status === 0 ? [] : [`the cache is damaged: ${stdout}${stderr}`];
}

function build(
  project: string,
  home: string,
  text: string,
  kill?: { readonly victim: 'kiln' | 'qemu'; readonly moment: number },
): Promise<{ readonly code: number | null; readonly output: string }> {
  writeFileSync(join(project, 'kiln.yaml'), text);
  const child = spawn(kiln, ['build'], {
    cwd: project,
    env: { ...process.env, KILN_HOME: home },
    stdio: 'pipe',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    });
  const timer =
    kill &&
    setTimeout(() => {
      const pid = kill.victim === 'kiln' ? child.pid : qemuOf(child.pid!);
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    }, kill.moment);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

/** The QEMU that a process has started, if it has. */
function qemuOf(parent: number): number | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,comm=', '--ppid', String(parent)], { encoding: 'utf8' });
  const line = stdout.split('\n').find((one) => one.includes('qemu-system'));
  return line === undefined ? undefined : Number(line.trim().split(/\s+/)[0]);
}
