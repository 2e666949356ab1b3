import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cancelled } from '../../../base/cancellation.ts';
import { KilnError } from '../../../base/errors.ts';
import { typeOf } from '../files/observe.ts';
import type { ChildMessage, EvaluationOutcome, EvaluationRequest } from './messages.ts';
import { rubyFlags } from './ruby-flags.ts';
import { runCommand, writeChanges } from './trusted-work.ts';

export interface ChildLimits {
  /** Milliseconds of the evaluation itself; programs that it runs do not count. */
  readonly time: number;
  readonly signal?: AbortSignal;
}

/** More than a configuration with everything it read. */
const longestMessage = 256 * 1024 * 1024;

/**
 * Evaluates in a child process that can neither write files nor start programs, and that is ended when it takes too long.
 * What it asks for is done here, in so far as the project is trusted.
 * @throws KilnError `cancelled`; `internal` when the child breaks down
 */
export async function evaluateInChild(
  request: EvaluationRequest,
  limits: ChildLimits,
): Promise<EvaluationOutcome> {
  if (limits.signal?.aborted) throw cancelled();
  const child = spawn('/bin/sh', shellWords(request, limits.time), {
    stdio: ['pipe', 'pipe', 'pipe'],
    // The user's variables are the Vagrantfile's to see, not Node's to obey.
    env: childEnvironment(),
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  const closed = new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_code, signal) => resolve(signal));
  });
  closed.catch(() => {}); // told of below, when somebody waits for it
  child.stdin.on('error', () => {}); // it may end before it has read everything
  const clock = new Stopwatch(limits.time, () => child.kill('SIGKILL'));
  const onAbort = () => child.kill('SIGKILL');
  limits.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    for await (const line of linesOf(child.stdout)) {
      const message = JSON.parse(line) as ChildMessage;
      if (message.kind === 'done') return message.outcome;
      clock.pause();
      const answer = await answerTo(message, request, limits.signal);
      clock.resume();
      child.stdin.write(`${JSON.stringify(answer)}\n`);
    }
    const ended = await closed;
    // Ctrl-C reaches the child, too, and may do so first.
    if (limits.signal?.aborted || ended === 'SIGINT' || ended === 'SIGTERM') throw cancelled();
    if (clock.isOver || ended === 'SIGXCPU')
      return endedOutcome(`it takes longer than ${limits.time / 1000} s`);
    if (/heap out of memory|Out of memory/i.test(complaint)) return endedOutcome('it takes too much memory');
    throw new KilnError('internal', `the evaluation broke down: ${complaint.trim() || 'without a word'}`);
  } finally {
    clock.stop();
    limits.signal?.removeEventListener('abort', onAbort);
    child.kill('SIGKILL');
  }
}

async function answerTo(
  message: Exclude<ChildMessage, { kind: 'done' }>,
  request: EvaluationRequest,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  if (message.kind === 'type') return { type: typeOf(message.path) };
  // The child has no say in whether it is trusted.
  if (!request.reach.everything) throw new KilnError('internal', 'an evaluation asked for more than it may');
  if (message.kind === 'command') return runCommand(message.command, signal);
  await writeChanges(message.changes);
  return {};
}

/** Nothing came of it. */
function endedOutcome(contained: string): EvaluationOutcome {
  return {
    result: undefined,
    restart: undefined,
    contained,
    output: [],
    inputs: { files: [], variables: [], words: false, unrepeatable: [] },
    refusals: [],
    refusedCommands: [],
    unwritten: [],
  };
}

/** Whoever watches over the child may be killed: then the system ends it, after more work than it may do. */
function shellWords(request: EvaluationRequest, time: number): string[] {
  const seconds = String(Math.ceil(time / 1000) + 10);
  return ['-c', 'ulimit -t "$0"; exec "$@"', seconds, process.execPath, ...childWords(request)];
}

function childWords({ image, reach }: EvaluationRequest): string[] {
  const isBundled = !import.meta.url.endsWith('.ts');
  const program = fileURLToPath(
    new URL(isBundled ? './vagrantfile-child.js' : './child.ts', import.meta.url),
  );
  // Without a bundle the program is many files, and Node looks for package.json above them.
  const own = fileURLToPath(new URL(isBundled ? './' : '../../../../../../', import.meta.url));
  const keys = reach.keys === undefined ? [] : [reach.keys];
  const readable = [
    ...own,
    image,
    ...reach.project,
    ...reach.folders,
    ...reach.flat,
    ...keys,
    ...publicFolders,
  ];
  const allowed = reach.everything ? ['*'] : readable;
  return [
    ...rubyFlags,
    '--max-old-space-size=256',
    '--disable-warning=ExperimentalWarning',
    '--permission',
    ...allowed.map((path) => `--allow-fs-read=${path}`),
    program,
  ];
}

/** Where `files/reach.ts` allows single files: facts about the host. */
const publicFolders = ['/proc', '/etc', '/usr/lib/os-release', '/dev/null'];

function childEnvironment(): NodeJS.ProcessEnv {
  const { TZ, NODE_COMPILE_CACHE } = process.env;
  return { ...(TZ !== undefined && { TZ }), ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }) };
}

async function* linesOf(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    let rest = chunk as Buffer;
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      yield Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8');
      parts = [];
      size = 0;
      rest = rest.subarray(end + 1);
    }
    parts.push(rest);
    size += rest.length;
    if (size > longestMessage)
      throw new KilnError('internal', 'an evaluation says more than there is room for');
  }
}

/** Calls `over` after a time that can be halted. */
class Stopwatch {
  readonly #over: () => void;
  #left: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  isOver = false;

  constructor(time: number, over: () => void) {
    this.#left = time;
    this.#over = over;
    this.resume();
  }

  resume(): void {
    this.#since = performance.now();
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#over();
    }, this.#left);
  }

  pause(): void {
    this.stop();
    this.#left -= performance.now() - this.#since;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
