import { InputRecorder } from '../files/input-recorder.ts';
import { ProjectFiles } from '../files/project-files.ts';
import { RubyMachine } from './ruby-machine.ts';
import {
  readSections,
  SectionId,
  signed,
  unsigned,
  type WasmSection,
  writeSections,
} from './wasm-sections.ts';
import { wasm } from './web-assembly.ts';

const pageSize = 65_536;
/** Shorter runs of zeros are cheaper to keep than to leave out. */
const shortestGap = 256;
/** Below it is the stack, which is empty when nothing runs; ruby.wasm is linked with 16 MiB of it. */
const stackEnd = 16 * 1024 * 1024;

/**
 * Starts Ruby, runs `prelude`, and makes a module of it whose memory is what it was then: an instance of the result has
 * the libraries loaded from the first moment, and needs neither `_initialize` nor `ruby-init`. All mutable globals of
 * ruby.wasm (stack pointer, state of asyncify) are at their initial values when nothing runs, and it keeps nothing
 * elsewhere, so the memory is all there is to keep.
 * @throws Error when the prelude fails; what it printed is in the message
 */
export function makeImage(ruby: Buffer, prelude: readonly string[]): Buffer {
  const printed: Buffer[] = [];
  const inputs = new InputRecorder();
  const nothing = { project: [], folders: [], flat: [], keys: undefined, everything: false };
  const machine = new RubyMachine(new wasm.Module(ruby), {
    files: new ProjectFiles(nothing, inputs),
    inputs,
    answer: () => '{}',
    print: (_stream, bytes) => printed.push(bytes),
  });
  machine.host.recording = false;
  machine.boot();
  for (const source of prelude) {
    const guarded = `begin\n${source}\nrescue Exception => e\n  $stderr.write(e.full_message)\n  raise\nend`;
    if (!machine.eval(guarded)) throw new Error(`Ruby did not start: ${Buffer.concat(printed).toString()}`);
  }
  return withMemory(ruby, machine.memoryBytes);
}

/** The module with its initial memory replaced. Names for debuggers are left out: they are not executed. */
function withMemory(module: Buffer, memory: Buffer): Buffer {
  const runs = usedRuns(memory);
  const sections = readSections(module)
    .filter(({ id }) => id !== SectionId.custom)
    .map((section): WasmSection => {
      if (section.id === SectionId.memory) return memorySection(memory.length / pageSize);
      if (section.id === SectionId.dataCount) return { id: section.id, content: unsigned(runs.length) };
      if (section.id === SectionId.data) return dataSection(memory, runs);
      return section;
    });
  return writeSections(sections);
}

function memorySection(pages: number): WasmSection {
  return { id: SectionId.memory, content: Buffer.concat([Buffer.from([1, 0]), unsigned(pages)]) };
}

function dataSection(memory: Buffer, runs: readonly (readonly [number, number])[]): WasmSection {
  const [active, constant, end] = [Buffer.from([0]), Buffer.from([0x41]), Buffer.from([0x0b])];
  const parts = runs.flatMap(([from, to]) => [
    ...[active, constant, signed(from), end],
    ...[unsigned(to - from), memory.subarray(from, to)],
  ]);
  return { id: SectionId.data, content: Buffer.concat([unsigned(runs.length), ...parts]) };
}

/** Where memory is not zero, as `[from, to]`. */
function usedRuns(memory: Buffer): [number, number][] {
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length / 4);
  const runs: [number, number][] = [];
  let open: [number, number] | undefined;
  for (let index = stackEnd / 4; index < words.length; index++) {
    if (words[index] === 0) continue;
    const at = index * 4;
    if (open === undefined || at - open[1] > shortestGap) {
      open = [at, at];
      runs.push(open);
    }
    open[1] = at + 4;
  }
  return runs;
}
