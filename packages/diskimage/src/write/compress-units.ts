import type { Compressor } from './compressor.ts';
import type { DataChunk } from './data-chunks.ts';
import { OrderedWork } from './ordered-work.ts';

/** What is done with the units of a disk, one after the other in its order. */
export interface UnitSink {
  /** Whether a unit (from and to: its place in the chunk) is to be compressed, handed over as it is, or passed over. */
  wants(chunk: DataChunk, from: number, to: number): 'compressed' | 'plain' | 'nothing';
  /** @param packed what came of the unit, when that was wanted */
  add(position: number, bytes: Uint8Array, packed: Uint8Array | undefined): Promise<void>;
}

/** Compresses the units of chunks, several chunks at once, and hands them on in order. Closes the compressor. */
export async function compressUnits(
  chunks: AsyncIterable<DataChunk>,
  compressor: Compressor,
  sink: UnitSink,
): Promise<void> {
  const work = new OrderedWork();
  try {
    for await (const chunk of chunks) {
      await work.turn();
      const wanted = wantedUnits(chunk, compressor.unit, sink);
      const toPack = wanted.filter(({ isPacked }) => isPacked).map(({ bytes }) => bytes);
      const packing =
        toPack.length === 0 ? Promise.resolve([]) : compressor.compress(joined(toPack, chunk.bytes));
      void work
        .add(packing, async (packed) => {
          let next = 0;
          for (const { position, bytes, isPacked } of wanted)
            await sink.add(position, bytes, isPacked ? packed[next++] : undefined);
        })
        .then(chunk.release);
    }
    await work.finish();
  } finally {
    await compressor.close();
    // What the threads were at has failed by now: nothing is handed on after this function's end.
    await work.settle();
  }
}

function wantedUnits(chunk: DataChunk, unit: number, sink: UnitSink) {
  const wanted: { position: number; bytes: Uint8Array; isPacked: boolean }[] = [];
  for (let from = 0; from < chunk.bytes.length; from += unit) {
    const nature = sink.wants(chunk, from, from + unit);
    if (nature === 'nothing') continue;
    const bytes = chunk.bytes.subarray(from, from + unit);
    wanted.push({ position: chunk.position + from, bytes, isPacked: nature === 'compressed' });
  }
  return wanted;
}

/** The units behind each other; without a copy where they are so already. */
function joined(units: readonly Uint8Array[], all: Uint8Array): Uint8Array {
  const length = units.reduce((sum, { length }) => sum + length, 0);
  return length === all.length ? all : Buffer.concat(units, length);
}
