import { randomBytes, randomInt } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { cancelled, sleep } from '../../base/cancellation.ts';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { acquireLock, type Lock } from '../../base/locks.ts';
import { portPath } from './agent-ports.ts';
import { slotsOf } from './agent-script.ts';
import { MarkSplitter } from './mark-splitter.ts';

/** Where the agent of one machine is reached. */
export interface AgentSite {
  /** Folder of its sockets and bells; the locks of its slots are made there too. */
  readonly folder: string;
  /** Whether an agent has its ports open; asked when it is slow to answer. */
  readonly isThere?: () => Promise<boolean>;
}

export interface AgentRequest {
  readonly command: string;
  /**
   * What the command is: a line for the user's shell, a program and its arguments quoted for one, or a POSIX script that
   * no list of processes in the machine is to show.
   */
  readonly how?: 'shell' | 'words' | 'inline';
  /** `login`: who logs in over SSH, in the same environment. */
  readonly user: 'login' | 'root';
  readonly input: boolean;
}

/** No agent runs in the machine, or it does not answer. Nothing was started. */
export class AgentAbsent extends KilnError {
  constructor(why: string) {
    super('guest-unreachable', `the agent in the machine does not answer: ${why}`);
  }
}

/** An agent that runs answers within milliseconds; after this long it is worth asking whether it does. */
const usualPatience = 400;
/** One that is known to run may be kept waiting by a busy host. */
const longestPatience = 60_000;
/** How long to wait for a slot when all are taken. */
const patienceForSlot = 1000;

/** A command that was handed to a slot of the agent. */
export class AgentSession {
  readonly output: Socket;
  readonly complaints: Socket;
  readonly input: Socket | undefined;
  /** Set by whoever runs the command. */
  onOutput: (bytes: Buffer) => void = () => {};
  onComplaint: (bytes: Buffer) => void = () => {};
  onForeignMark: () => void = () => {};
  onMark: (stream: 'output' | 'complaints', words: readonly string[]) => void = () => {};
  /** Settles when one of the two streams is gone. */
  readonly closed: Promise<void>;
  readonly #lock: Lock;
  readonly #token: string;
  #hungUp = false;

  private constructor(lock: Lock, token: string, sockets: readonly [Socket, Socket, Socket | undefined]) {
    [this.output, this.complaints, this.input] = sockets;
    this.#lock = lock;
    this.#token = token;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    const splitters = [
      [
        this.output,
        new MarkSplitter(
          token,
          (bytes) => this.onOutput(bytes),
          (words) => this.onMark('output', words),
        ),
      ],
      [
        this.complaints,
        new MarkSplitter(
          token,
          (bytes) => this.onComplaint(bytes),
          (words) => this.onMark('complaints', words),
          () => this.onForeignMark(),
        ),
      ],
    ] as const;
    for (const [socket, splitter] of splitters) {
      socket.on('data', (chunk: Buffer) => splitter.push(chunk)).resume();
      socket.once('close', () => {
        splitter.end();
        resolve();
      });
    }
  }

  /**
   * Takes a free slot and hands the command over.
   * @throws AgentAbsent when there is no agent, or no slot is free
   * @throws KilnError `cancelled`
   */
  static async open(site: AgentSite, request: AgentRequest, signal?: AbortSignal): Promise<AgentSession> {
    const { command, user, input, how = 'shell' } = request;
    const session = await AgentSession.#reach(site, user, input, signal);
    const lines = command.split('\n').length;
    session.tell(`${session.#token} ${input ? 1 : 0} ${how} ${lines}\n${command}`);
    return session;
  }

  /**
   * Only sees whether an agent answers.
   * @throws as `open`
   */
  static async ping(site: AgentSite, signal?: AbortSignal): Promise<void> {
    const session = await AgentSession.#reach(site, 'login', false, signal);
    // The slot goes on waiting as it did before.
    await session.hangUp('no');
  }

  static async #reach(
    site: AgentSite,
    user: AgentRequest['user'],
    hasInput: boolean,
    signal: AbortSignal | undefined,
  ): Promise<AgentSession> {
    const { slot, lock } = await takeSlot(site, user, signal);
    const sockets: Socket[] = [];
    const token = randomBytes(16).toString('hex');
    try {
      const reach = async (port: 'o' | 'e' | 'i') => {
        const socket = await connectTo(portPath(site.folder, slot, port));
        sockets.push(socket);
        return socket;
      };
      const [output, complaints, input] = await Promise.all([
        reach('o'),
        reach('e'),
        hasInput ? reach('i') : undefined,
      ]);
      const session = new AgentSession(lock, token, [output, complaints, input]);
      const ready = new Promise<void>((resolve) => {
        session.onMark = (stream, [word]) => {
          if (stream === 'complaints' && word === 'r') resolve();
        };
        session.onForeignMark = () => session.tell('no');
      });
      await ring(portPath(site.folder, slot, 'b'), token);
      await untilReady(ready, session.closed, site, signal);
      return session;
    } catch (error) {
      for (const socket of sockets) socket.destroy();
      await lock.release();
      throw error;
    }
  }

  /** Tells the agent something about the command. */
  tell(words: string): void {
    if (!this.#hungUp && this.output.writable) this.output.write(`${words}\n`);
  }

  /** Ends the session; a command that still runs ends with it. Harmless when done again. */
  async hangUp(lastWord: 'bye' | 'end' | 'no' = 'end'): Promise<void> {
    if (this.#hungUp) return;
    this.#hungUp = true;
    this.input?.destroy();
    // Half-closed, so that QEMU still hands the last word over: what it has not read of a closed socket is lost.
    const gone = Promise.race([this.closed, sleep(500)]);
    if (this.output.writable) this.output.end(`${lastWord}\n`);
    this.output.resume();
    this.complaints.end();
    this.complaints.resume();
    await gone;
    this.output.destroy();
    this.complaints.destroy();
    await this.#lock.release();
  }
}

async function takeSlot(
  site: AgentSite,
  user: AgentRequest['user'],
  signal: AbortSignal | undefined,
): Promise<{ readonly slot: number; readonly lock: Lock }> {
  const deadline = performance.now() + patienceForSlot;
  // Not always the same one: a slot has a little to do after each session.
  const slots = slotsOf[user];
  const first = randomInt(slots.length);
  for (;;) {
    for (let number = 0; number < slots.length; number++) {
      const slot = slots[(first + number) % slots.length]!;
      try {
        const path = `${portPath(site.folder, slot, 'o')}.lock`;
        return { slot, lock: await acquireLock(path, { what: 'a slot of the agent' }) };
      } catch (error) {
        if (!(error instanceof KilnError && error.code === 'locked')) throw error;
      }
    }
    if (performance.now() > deadline) throw new AgentAbsent('all of its slots are in use');
    await sleep(20, signal);
  }
}

function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: false });
    const onError = (error: Error) => {
      if (isSystemError(error, 'ENOENT', 'ECONNREFUSED', 'EAGAIN'))
        reject(new AgentAbsent('the machine has no ports for one'));
      else reject(error);
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.off('error', onError);
      socket.on('error', () => {}); // a close always follows
      resolve(socket);
    });
  });
}

/** Wakes the slot. The bell is a FIFO that QEMU reads; when nobody empties it for long, it is full. */
async function ring(bell: string, token: string): Promise<void> {
  try {
    const fifo = await open(bell, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      await fifo.write(`${token}\n`);
    } finally {
      await fifo.close();
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENXIO', 'EAGAIN')) throw new AgentAbsent('its bell cannot be rung');
    throw error;
  }
}

async function untilReady(
  ready: Promise<void>,
  closed: Promise<void>,
  site: AgentSite,
  signal: AbortSignal | undefined,
): Promise<void> {
  const answer = Promise.race([ready.then(() => 'ready' as const), closed.then(() => 'closed' as const)]);
  let got = await within(answer, usualPatience, signal);
  if (got === undefined && (await site.isThere?.()))
    got = await within(answer, longestPatience - usualPatience, signal);
  if (got === 'ready') return;
  throw new AgentAbsent(got === 'closed' ? 'the connection broke' : 'it took too long');
}

/** @throws KilnError `cancelled` */
async function within<T>(
  promise: Promise<T>,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  if (signal?.aborted) throw cancelled();
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const timer = sleep(milliseconds, either).then(() => undefined);
  try {
    return await Promise.race([promise, timer]);
  } finally {
    stop.abort();
    timer.catch(() => {});
  }
}
