import { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { GuestExit } from '../guest.ts';
import { exitFromCode } from '../programs/guest-program.ts';
import type { RunningProgram } from '../programs/running-program.ts';
import { type AgentRequest, AgentSession, type AgentSite } from './agent-session.ts';

/** Output that a process left behind still holds open is given up after so much silence, in milliseconds. */
const lingering = 1000;
/** A machine that does not end the output then is not waited for. */
const patienceForEnd = 5000;
/** Complaints that are remembered for an error's message, in bytes. */
const mostRemembered = 8192;

/** A command that the agent runs. */
export class AgentProgram implements RunningProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<GuestExit>;
  complaints = '';
  readonly #session: AgentSession;
  #exit: GuestExit | undefined;
  #impatience: NodeJS.Timeout | undefined;

  private constructor(session: AgentSession, signal: AbortSignal | undefined) {
    this.#session = session;
    this.stdin = session.input ?? new Writable({ write: (_chunk, _encoding, done) => done() });
    this.stdout = new Readable({ read: () => session.output.resume() });
    this.stderr = new Readable({ read: () => session.complaints.resume() });
    this.stderr.on('data', (chunk: Buffer) => {
      if (this.complaints.length < mostRemembered) this.complaints += chunk.toString('utf8');
    });
    session.onOutput = (bytes) => {
      this.#stillTalking();
      if (!this.stdout.push(bytes)) session.output.pause();
    };
    session.onComplaint = (bytes) => {
      this.#stillTalking();
      if (!this.stderr.push(bytes)) session.complaints.pause();
    };
    session.onMark = (stream, [word, code]) => {
      if (word === 'x') {
        this.#exit = exitFromCode(Number(code));
        // Nobody reads it any more, and the agent waits for its end.
        session.input?.end();
        session.input?.destroySoon();
        this.#stillTalking();
      } else if (word === 'e') this.#over(stream === 'output' ? this.stdout : this.stderr);
    };
    const onAbort = () => this.abandon();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.ended = this.#end().finally(() => signal?.removeEventListener('abort', onAbort));
    this.ended.catch(() => {}); // whoever waits is told
    if (signal?.aborted) onAbort();
  }

  /**
   * Starts a command.
   * @throws AgentAbsent when there is no agent to do it; the command was not started
   * @throws KilnError `cancelled`
   */
  static async start(site: AgentSite, request: AgentRequest, signal?: AbortSignal): Promise<AgentProgram> {
    return new AgentProgram(await AgentSession.open(site, request, signal), signal);
  }

  /** Sends a signal, such as `INT`, to everything that the command has started and that is still in its session. */
  kill(name: string): void {
    this.#session.tell(`kill ${name}`);
  }

  abandon(): void {
    void this.#session.hangUp();
  }

  async #end(): Promise<GuestExit> {
    const outputs = [this.stdout, this.stderr].map((stream) => finished(stream, { cleanup: true }));
    const all = Promise.all(outputs).then(() => true);
    all.catch(() => {});
    const whole = await Promise.race([all, this.#session.closed.then(() => false)]).catch(() => false);
    clearTimeout(this.#impatience);
    const clean = whole;
    if (!clean) for (const stream of [this.stdout, this.stderr]) this.#over(stream);
    await this.#session.hangUp(clean ? 'bye' : 'end');
    if (!clean) return { kind: 'disconnected' };
    // Of a command that was killed together with who waits for it nothing more is known.
    return this.#exit ?? { kind: 'signalled', signal: 'SIGKILL' };
  }

  #over(stream: Readable): void {
    if (!stream.readableEnded) stream.push(null);
    // What nobody listens to must not keep anybody waiting.
    if (stream.readableFlowing === null) stream.resume();
  }

  #stillTalking(): void {
    if (this.#exit === undefined) return;
    clearTimeout(this.#impatience);
    this.#impatience = setTimeout(() => {
      this.#session.tell('cut');
      this.#impatience = setTimeout(() => {
        for (const stream of [this.stdout, this.stderr]) this.#over(stream);
      }, patienceForEnd);
    }, lingering);
  }
}
