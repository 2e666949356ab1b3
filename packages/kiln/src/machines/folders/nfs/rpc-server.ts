import { createServer, type Server, type Socket } from 'node:net';
import { XdrReader, XdrWriter } from './xdr.ts';

/** Who asks, as a client says (RFC 5531, AUTH_SYS). */
export interface RpcCaller {
  readonly uid: number;
  readonly gids: readonly number[];
}

/** Does one call: reads its arguments and writes its results. Undefined: there is no such procedure. */
export type RpcProgram = (
  procedure: number,
  args: XdrReader,
  results: XdrWriter,
  caller: RpcCaller,
) => undefined | 'done';

export interface RpcPrograms {
  /** By `PROGRAM.VERSION`. */
  readonly [program: string]: RpcProgram;
}

/** The longest call that is taken, in bytes: a write with its head. */
const longest = (1 << 20) + 4096;

/** Serves remote procedure calls (ONC RPC version 2, RFC 5531) over TCP. Calls of one connection are done in their order. */
export function rpcServer(programs: RpcPrograms): Server {
  return createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {}); // a close follows
    const records = new RecordReader((record) => {
      const reply = answer(record, programs);
      if (!reply) return socket.destroy();
      socket.write(framed(reply));
      return socket;
    });
    socket.on('data', (chunk: Buffer) => {
      if (!records.push(chunk)) socket.destroy();
      else if (socket.writableNeedDrain) pauseUntilDrained(socket);
    });
  });
}

function pauseUntilDrained(socket: Socket): void {
  socket.pause();
  socket.once('drain', () => socket.resume());
}

/** Puts fragments together (RFC 5531, section 11). */
class RecordReader {
  readonly #onRecord: (record: Buffer) => void;
  #pending: Buffer = Buffer.alloc(0);
  #fragments: Buffer[] = [];

  constructor(onRecord: (record: Buffer) => void) {
    this.#onRecord = onRecord;
  }

  /** False when the other side does not speak this protocol. */
  push(chunk: Buffer): boolean {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= 4) {
      const head = this.#pending.readUInt32BE(0);
      const length = head & 0x7fff_ffff;
      if (length > longest) return false;
      if (this.#pending.length < 4 + length) return true;
      this.#fragments.push(this.#pending.subarray(4, 4 + length));
      this.#pending = this.#pending.subarray(4 + length);
      if ((head & 0x8000_0000) === 0) {
        if (this.#fragments.reduce((sum, one) => sum + one.length, 0) > longest) return false;
        continue;
      }
      const record = this.#fragments.length === 1 ? this.#fragments[0]! : Buffer.concat(this.#fragments);
      this.#fragments = [];
      this.#onRecord(record);
    }
    return true;
  }
}

function framed(reply: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE((0x8000_0000 | reply.length) >>> 0);
  return Buffer.concat([head, reply]);
}

const accepted = { success: 0, noProgram: 1, noProcedure: 3, garbage: 4 } as const;

/** Undefined for what is no call. */
function answer(record: Buffer, programs: RpcPrograms): Buffer | undefined {
  const reader = new XdrReader(record);
  const writer = new XdrWriter();
  try {
    const id = reader.u32();
    const isCall = reader.u32() === 0 && reader.u32() === 2;
    if (!isCall) return undefined;
    const [program, version, procedure] = [reader.u32(), reader.u32(), reader.u32()];
    const caller = callerOf(reader);
    reader.u32();
    reader.opaque(400);
    // Accepted, with an empty verifier.
    writer.u32(id).u32(1).u32(0).u32(0).u32(0);
    const start = writer.length;
    const serve = programs[`${program}.${version}`];
    if (!serve) {
      writer.u32(accepted.noProgram);
      return writer.bytes();
    }
    writer.u32(accepted.success);
    try {
      if (serve(procedure, reader, writer, caller) === undefined) {
        writer.truncate(start);
        writer.u32(accepted.noProcedure);
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      writer.truncate(start);
      writer.u32(accepted.garbage);
    }
    return writer.bytes();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function callerOf(reader: XdrReader): RpcCaller {
  const flavor = reader.u32();
  const body = new XdrReader(reader.opaque(400));
  if (flavor !== 1) return { uid: 65_534, gids: [65_534] };
  body.u32();
  body.text(255);
  const [uid, gid] = [body.u32(), body.u32()];
  const count = Math.min(body.u32(), 16);
  return { uid, gids: [gid, ...Array.from({ length: count }, () => body.u32())] };
}
