import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { caseText } from './cases.ts';
import { targets } from './targets.ts';
import type { Told, Work } from './worker.ts';

export interface FuzzOptions {
  /** For all targets together. */
  readonly cases: number;
  readonly seed: number;
  /** Names of targets; all when left out. */
  readonly only?: readonly string[];
  /** Number of the first case. */
  readonly first?: number;
  readonly onFault?: (fault: FoundFault) => void;
}

export interface FuzzResult {
  readonly faults: readonly FoundFault[];
  /** Texts that could be used in spite of their changes, at least. */
  readonly good: number;
}

export interface FoundFault {
  readonly target: string;
  readonly seed: number;
  readonly number: number;
  readonly fault: string;
  /** The mutant, as short as it could be made. */
  readonly text: string;
}

/** Without a word for so long, in milliseconds, a worker hangs: far beyond what a case and its shrinking may take. */
const patience = 40_000;

/** Feeds mutants to the readers, in processes of their own, and collects what they must not do. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const chosen = targets.filter(({ name }) => options.only?.includes(name) ?? true);
  const first = options.first ?? 0;
  const waiting = chosen.map(({ name }, index): Work => {
    const share = Math.floor((options.cases + index) / chosen.length);
    return { target: name, seed: options.seed, from: first, to: first + share };
  });
  const faults: FoundFault[] = [];
  let good = 0;
  const onFault = (fault: FoundFault) => {
    faults.push(fault);
    options.onFault?.(fault);
  };
  const workOn = async () => {
    for (let work = waiting.shift(); work; work = waiting.shift()) {
      for (let { from } = work; from < work.to; ) {
        const done = await runWorker({ ...work, from }, onFault);
        from = done.next;
        good += done.good;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, workOn));
  return { faults, good };
}

const atOnce = 2;

interface Done {
  /** The case to go on with: behind the last, or behind the one that was the worker's end. */
  readonly next: number;
  readonly good: number;
}

function runWorker(work: Work, onFault: (fault: FoundFault) => void): Promise<Done> {
  const target = targets.find(({ name }) => name === work.target)!;
  const { promise, resolve } = Promise.withResolvers<Done>();
  const worker = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--max-old-space-size=1500'],
  });
  let number = work.from;
  let good: number | undefined;
  let hangs = false;
  let lastWords = '';
  worker.stderr!.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-2000);
  });
  const watchdog = setTimeout(() => {
    hangs = true;
    worker.kill('SIGKILL');
  }, patience);
  worker.on('message', (told: Told) => {
    watchdog.refresh();
    if (told.kind === 'begin') number = told.number;
    else if (told.kind === 'end') good = told.good;
    else onFault({ target: work.target, seed: work.seed, number, fault: told.fault, text: told.text });
  });
  worker.once('close', () => {
    clearTimeout(watchdog);
    if (good === undefined) {
      const fault = hangs ? 'hangs' : `ends the process: ${lastWords.trim()}`;
      const text = caseText(target, work.seed, number);
      onFault({ target: work.target, seed: work.seed, number, fault, text });
    }
    resolve({ next: good === undefined ? number + 1 : work.to, good: good ?? 0 });
  });
  worker.send(work);
  return promise;
}
