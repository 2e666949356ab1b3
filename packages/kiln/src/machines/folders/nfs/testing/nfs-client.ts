import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { XdrReader, XdrWriter } from '../xdr.ts';

const programs = { mount: 100_005, nfs: 100_003 } as const;

/** Speaks to a server as a kernel would, and as none ever does. */
export class NfsClient {
  readonly #socket: Socket;
  /** Servers that are ended may hang up in the middle, which a socket calls an error. */
  readonly #closed: Promise<void>;
  #next = 1;
  #received: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
  }

  static async connect(port: number): Promise<NfsClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new NfsClient(socket);
  }

  /** Results of a call that was accepted, behind its head. */
  async call(
    program: keyof typeof programs,
    procedure: number,
    write: (args: XdrWriter) => void,
  ): Promise<XdrReader> {
    const message = new XdrWriter();
    message
      .u32(this.#next++)
      .u32(0)
      .u32(2)
      .u32(programs[program])
      .u32(3)
      .u32(procedure);
    const identity = new XdrWriter().u32(0).text('machine').u32(1000).u32(1000).u32(0).bytes();
    message.u32(1).opaque(identity).u32(0).u32(0);
    write(message);
    this.send(message.bytes());
    const reply = new XdrReader(await this.#record());
    reply.u32();
    if (reply.u32() !== 1 || reply.u32() !== 0) throw new Error('the call was refused');
    reply.u32();
    reply.opaque();
    const accepted = reply.u32();
    if (accepted !== 0) throw new Error(`the call was not accepted: ${accepted}`);
    return reply;
  }

  send(record: Buffer): void {
    const head = Buffer.alloc(4);
    head.writeUInt32BE((0x8000_0000 | record.length) >>> 0);
    this.#socket.write(Buffer.concat([head, record]));
  }

  /** True when the server hangs up. */
  async isDropped(): Promise<boolean> {
    await this.#closed;
    return true;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #record(): Promise<Buffer> {
    for (;;) {
      if (this.#received.length >= 4) {
        const length = this.#received.readUInt32BE(0) & 0x7fff_ffff;
        if (this.#received.length >= 4 + length) {
          const record = this.#received.subarray(4, 4 + length);
          this.#received = this.#received.subarray(4 + length);
          return record;
        }
      }
      const gone = this.#closed.then(() => Promise.reject(new Error('the server hung up')));
      await Promise.race([once(this.#socket, 'data'), gone]);
    }
  }
}
