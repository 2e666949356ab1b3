import { InputRecorder } from '../files/input-recorder.ts';
import { ProjectFiles } from '../files/project-files.ts';
import type { RubyImage } from './image-file.ts';
import { RubyMachine } from './ruby-machine.ts';
import { readSections, SectionId, unsigned, type WasmSection, writeSections } from './wasm-sections.ts';
import { wasm } from './web-assembly.ts';

const wasmPage = 65_536;
const hostPage = 4096;
/** Below it is the stack, which is empty when nothing runs; ruby.wasm is linked with 16 MiB of it. */
const stackEnd = 16 * 1024 * 1024;

/**
 * Starts Ruby, runs `prelude`, and keeps what its memory is then: a machine that begins with it has the libraries loaded
 * from the first moment, and needs neither `_initialize` nor `ruby-init`. All mutable globals of ruby.wasm (stack pointer,
 * state of asyncify) are at their initial values when nothing runs, and it keeps nothing elsewhere, so the memory is all
 * there is to keep.
 * @throws Error when the prelude fails; what it printed is in the message
 */
export function makeImage(ruby: Buffer, prelude: readonly string[]): RubyImage {
  const printed: Buffer[] = [];
  const inputs = new InputRecorder();
  const nothing = {
    project: [],
    folders: [],
    flat: [],
    vagrantfile: undefined,
    keys: undefined,
    home: undefined,
    everything: false,
  };
  const machine = new RubyMachine(
    { module: new wasm.Module(ruby) },
    {
      files: new ProjectFiles(nothing, inputs),
      inputs,
      answer: () => '{}',
      print: (_stream, bytes) => printed.push(bytes),
    },
  );
  machine.host.recording = false;
  machine.boot();
  for (const source of prelude) {
    const guarded = `begin\n${source}\nrescue Exception => e\n  $stderr.write(e.full_message)\n  raise\nend`;
    if (!machine.eval(guarded)) throw new Error(`Ruby did not start: ${Buffer.concat(printed).toString()}`);
  }
  const memory = machine.memoryBytes;
  // What is left of the stack is of no use to anybody.
  memory.fill(0, 0, stackEnd);
  return { code: withoutMemory(ruby, memory.length / wasmPage), memory, runs: usedRuns(memory) };
}

/** The module without its initial memory, and without names for debuggers: they are not executed. */
function withoutMemory(module: Buffer, pages: number): Buffer {
  const none = unsigned(0);
  const sections = readSections(module)
    .filter(({ id }) => id !== SectionId.custom)
    .map((section): WasmSection => {
      const { id } = section;
      if (id === SectionId.memory)
        return { id, content: Buffer.concat([Buffer.from([1, 0]), unsigned(pages)]) };
      return id === SectionId.data || id === SectionId.dataCount ? { id, content: none } : section;
    });
  return writeSections(sections);
}

/** Where memory is not zero, in whole pages of the host, as `[from, to]`. */
function usedRuns(memory: Buffer): [number, number][] {
  const blank = Buffer.alloc(hostPage);
  const runs: [number, number][] = [];
  for (let at = stackEnd - hostPage; at < memory.length; at += hostPage) {
    if (memory.compare(blank, 0, hostPage, at, at + hostPage) === 0) continue;
    const last = runs.at(-1);
    if (last?.[1] === at) last[1] = at + hostPage;
    else runs.push([at, at + hostPage]);
  }
  return runs;
}
