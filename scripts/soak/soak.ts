import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomNumbers } from './random-numbers.ts';
import { leftBehind, look, type Watch } from './traces.ts';

export interface SoakOptions {
  readonly runs: number;
  /** Store with the base image; it is made there when it is missing. */
  readonly home: string;
  /** Seed of the random moments, so that a bad run can be had again. */
  readonly seed: number;
  readonly onRun: (line: string) => void;
}

export interface SoakResult {
  readonly runs: number;
  /** How often the build had ended before the moment came. */
  readonly finished: number;
  readonly faults: readonly string[];
}

/** A build with a bit of everything that could be left behind, and little to wait for. */
const template = `kiln: 1
images:
  soak:
    from: debian/12
    memory: 512M
    steps:
      - run: echo one; sleep 1
      - copy: { from: tree/, to: /srv/tree/ }
      - local: sleep 1
      - fetch: { from: /etc/os-release, to: ./out/os-release }
    outputs:
      - disk: { path: ./out/soak.qcow2, format: qcow2 }
      - checksum: { types: [sha256], path: ./out/sums }
`;

/** How builds are ended. The last but one is what a person does who loses patience. */
const endings = ['SIGINT', 'SIGTERM', 'SIGKILL', 'twice', 'SIGHUP'] as const;

const kiln = fileURLToPath(new URL('../../kiln', import.meta.url));

/**
 * Builds and interrupts at random moments, and looks after each run for anything that stays: processes, mounts, loop
 * devices, ports, files. After SIGKILL the next command may clean up first.
 */
export async function soak({ runs, home, seed, onRun }: SoakOptions): Promise<SoakResult> {
  const project = mkdtempSync(join(tmpdir(), 'kiln-soak-'));
  // Of their own, so that nobody else's temporary files are taken for a build's.
  const temporary = join(project, 'tmp');
  const watch: Watch = {
    folders: [join(home, 'runs'), project],
    contents: [join(home, 'runs'), join(home, 'pins'), temporary],
  };
  const random = randomNumbers(seed);
  const faults: string[] = [];
  let finished = 0;
  try {
    mkdirSync(temporary);
    mkdirSync(join(project, 'tree'));
    for (const name of ['a', 'b', 'c']) writeFileSync(join(project, 'tree', name), name.repeat(1000));
    writeFileSync(join(project, 'kiln.yaml'), template);
    // In turn a build that does everything, and one that goes on from a kept state.
    const kinds = [];
    for (const args of [['--no-cache'], ['--refresh-from=2']]) {
      const whole = await build(project, home, args, undefined, 0);
      if (whole.code !== 0) throw new Error(`the build does not work even when left alone:\n${whole.output}`);
      rmSync(join(project, 'out'), { recursive: true, force: true });
      onRun(`left alone, kiln build ${args[0]} takes ${(whole.milliseconds / 1000).toFixed(1)} s`);
      kinds.push({ args, milliseconds: whole.milliseconds });
    }

    const before = look(watch);
    for (let run = 1; run <= runs; run++) {
      const ending = endings[Math.floor(random() * endings.length)]!;
      const { args, milliseconds } = kinds[run % kinds.length]!;
      const moment = random() * milliseconds;
      const result = await build(project, home, args, ending, moment);
      if (ending === 'SIGKILL') spawnSync(kiln, ['list'], { env: environment(home), stdio: 'ignore' });
      const problems = [...leftBehind(before, look(watch)), ...halfResults(project, result.code)];
      if (result.code === 0) finished++;
      const what =
        result.code === 0 ? 'had finished' : `ended with ${result.code} after ${result.lingered} ms`;
      onRun(
        `run ${run}: ${args[0]}, ${ending} at ${(moment / 1000).toFixed(1)} s, ${what}: ${problems.length === 0 ? 'clean' : 'NOT CLEAN'}`,
      );
      for (const problem of problems) {
        onRun(`  ${problem}`);
        faults.push(`run ${run} (${ending} at ${Math.round(moment)} ms, seed ${seed}): ${problem}`);
      }
      rmSync(join(project, 'out'), { recursive: true, force: true });
    }
  } finally {
    rmSync(project, { recursive: true, force: true });
    spawnSync(kiln, ['image', 'remove', 'soak'], { env: environment(home), stdio: 'ignore' });
  }
  return { runs, finished, faults };
}

interface BuildEnd {
  readonly code: number | null;
  readonly milliseconds: number;
  /** From the signal to the end, in milliseconds. */
  readonly lingered: number;
  readonly output: string;
}

function build(
  project: string,
  home: string,
  args: readonly string[],
  ending: (typeof endings)[number] | undefined,
  moment: number,
): Promise<BuildEnd> {
  const started = performance.now();
  let signalled = 0;
  let output = '';
  const child = spawn(kiln, ['build', '--force', ...args], {
    cwd: project,
    env: { ...environment(home), TMPDIR: join(project, 'tmp') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-8000);
    });
  }
  const timers: NodeJS.Timeout[] = [];
  if (ending) {
    timers.push(
      setTimeout(() => {
        signalled = performance.now();
        child.kill(ending === 'twice' ? 'SIGINT' : ending);
        if (ending === 'twice') timers.push(setTimeout(() => child.kill('SIGINT'), 300));
      }, moment),
    );
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      for (const timer of timers) clearTimeout(timer);
      const now = performance.now();
      resolve({
        code,
        milliseconds: now - started,
        lingered: signalled ? Math.round(now - signalled) : 0,
        output,
      });
    });
  });
}

/** After a build that did not succeed, an output is either whole under its name or not there at all. */
function halfResults(project: string, code: number | null): string[] {
  const out = join(project, 'out');
  const strays = readdirSync(project).filter((name) => !['tmp', 'tree', 'kiln.yaml', 'out'].includes(name));
  const problems = strays.map((name) => `stray file ${name}`);
  if (!existsSync(out)) return problems;
  for (const name of readdirSync(out)) {
    if (!['os-release', 'soak.qcow2', 'sums'].includes(name)) problems.push(`stray file out/${name}`);
  }
  const disk = join(out, 'soak.qcow2');
  if (existsSync(disk) && spawnSync('qemu-img', ['check', disk], { stdio: 'ignore' }).status !== 0) {
    problems.push('out/soak.qcow2 is damaged');
  }
  if (code === 0 && !existsSync(disk)) problems.push('the build succeeded without its disk');
  return problems;
}

function environment(home: string): NodeJS.ProcessEnv {
  return { ...process.env, KILN_HOME: home };
}
