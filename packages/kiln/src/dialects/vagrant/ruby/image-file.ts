import { closeSync, openSync, readSync, readvSync, writeSync } from 'node:fs';
import type { RubyModule } from './ruby-machine.ts';
import { wasm } from './web-assembly.ts';

/** A started Ruby: the program, and the parts of its memory that are not empty. */
export interface RubyImage {
  readonly code: Buffer;
  readonly memory: Buffer;
  /** `[from, to]` */
  readonly runs: readonly (readonly [number, number])[];
}

interface Header {
  readonly code: number;
  readonly runs: RubyImage['runs'];
}

/** What stands before the header's length; another number when the form of the file changes. */
const magic = 'kilnrb01';
const startLength = magic.length + 4;

/**
 * Writes an image as one file: `magic`, the header's length (32 bits, little-endian), the header in JSON, the program, the
 * runs of memory. They are not in the program's own data section because V8 would copy them twice.
 */
export function writeImage(path: string, { code, memory, runs }: RubyImage): void {
  const header = Buffer.from(JSON.stringify({ code: code.length, runs } satisfies Header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const file = openSync(path, 'wx', 0o644);
  try {
    const parts = [
      Buffer.from(magic),
      length,
      header,
      code,
      ...runs.map(([from, to]) => memory.subarray(from, to)),
    ];
    for (const part of parts) {
      for (let rest = part; rest.length > 0; ) rest = rest.subarray(writeSync(file, rest));
    }
  } finally {
    closeSync(file);
  }
}

/**
 * The program of an image, compiled, and how its memory is filled; that can be done once.
 * @throws Error when the file is no image
 */
export function openImage(path: string): RubyModule {
  const file = openSync(path, 'r');
  const start = Buffer.alloc(startLength);
  readWhole(file, start, 0);
  if (start.toString('latin1', 0, magic.length) !== magic) throw new Error(`${path} is no image of Ruby`);
  const header = Buffer.alloc(start.readUInt32LE(magic.length));
  readWhole(file, header, startLength);
  const { code, runs } = JSON.parse(header.toString('utf8')) as Header;
  const program = Buffer.allocUnsafeSlow(code);
  readWhole(file, program, startLength + header.length);
  const fill = (memory: Buffer) => {
    readParts(
      file,
      runs.map(([from, to]) => memory.subarray(from, to)),
      startLength + header.length + code,
    );
    closeSync(file);
  };
  return { module: new wasm.Module(program), fill };
}

function readWhole(file: number, into: Buffer, position: number): void {
  for (let done = 0; done < into.length; ) {
    const count = readSync(file, into, done, into.length - done, position + done);
    if (count === 0) throw new Error('the image of Ruby is cut off');
    done += count;
  }
}

/** One call for all parts, which is all it takes as a rule. */
function readParts(file: number, parts: readonly Buffer[], position: number): void {
  const mostAtOnce = 1000;
  for (let index = 0; index < parts.length; index += mostAtOnce) {
    const some = parts.slice(index, index + mostAtOnce);
    const wanted = some.reduce((sum, part) => sum + part.length, 0);
    if (readvSync(file, some, position) < wanted) {
      let at = position;
      for (const part of some) {
        readWhole(file, part, at);
        at += part.length;
      }
    }
    position += wanted;
  }
}
