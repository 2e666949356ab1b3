import { Errno } from './wasi/wasi-codes.ts';
import { Contained, WasiHost, type WasiHostOptions } from './wasi/wasi-host.ts';
import { type WasmImports, type WasmMemory, type WasmModule, wasm } from './web-assembly.ts';

/** Names of the module's exports, as the interface generator of ruby.wasm writes them. */
const evalExport = 'rb-eval-string-protect: func(str: string) -> tuple<handle<rb-abi-value>, s32>';
const initExport = 'ruby-init: func(args: list<string>) -> ()';

interface RubyExports {
  readonly memory: WasmMemory;
  readonly _initialize: () => void;
  readonly cabi_realloc: (pointer: number, oldSize: number, align: number, size: number) => number;
  readonly [evalExport]: (pointer: number, length: number) => number;
  readonly [initExport]: (pointer: number, length: number) => void;
}

export interface RubyModule {
  readonly module: WasmModule;
  readonly fill?: (memory: Buffer) => void;
}

/**
 * CRuby in WebAssembly. It reaches nothing but what `WasiHost` gives it: the imports through which ruby.wasm would run
 * JavaScript are all closed.
 */
export class RubyMachine {
  readonly host: WasiHost;
  readonly #exports: RubyExports;

  /** With `fill` the machine is one that was started before: it puts that one's memory in place. */
  constructor({ module, fill }: RubyModule, options: WasiHostOptions) {
    this.host = new WasiHost(options);
    const instance = new wasm.Instance(module, importsOf(module, this.host));
    // What ruby.wasm exports; `ruby-machine.test.ts` runs it.
    this.#exports = instance.exports as RubyExports;
    this.host.memory.attach(this.#exports.memory);
    fill?.(this.host.memory.bytes);
  }

  /** Starts Ruby in a machine whose module is not an image of a started one. */
  boot(): void {
    const { _initialize: initialize, cabi_realloc: allocate } = this.#exports;
    initialize();
    // Gems that only make error messages longer stay out.
    const disabled = '--disable=did_you_mean,error_highlight,syntax_suggest,rubyopt';
    const words = ['ruby', '-EUTF-8:UTF-8', disabled, '-e_=0'].map((word) => this.#text(`${word}\0`));
    const list = allocate(0, 0, 4, words.length * 8);
    for (const [index, [pointer, length]] of words.entries()) {
      this.host.memory.u32(list + index * 8, pointer);
      this.host.memory.u32(list + index * 8 + 4, length);
    }
    this.#exports[initExport](list, words.length);
  }

  /**
   * Runs Ruby source to its end. What comes of it goes over the channel.
   * @returns false when an exception was not rescued
   * @throws Contained and `WebAssembly.RuntimeError` when Ruby cannot go on
   */
  eval(source: string): boolean {
    const [pointer, length] = this.#text(source);
    const result = this.#exports[evalExport](pointer, length);
    return this.host.memory.view.getInt32((result >>> 0) + 4, true) === 0;
  }

  /** All of its memory, at rest. */
  get memoryBytes(): Buffer {
    return this.host.memory.bytes;
  }

  #text(text: string): [pointer: number, length: number] {
    const bytes = Buffer.from(text);
    const pointer = this.#exports.cabi_realloc(0, 0, 1, Math.max(bytes.length, 1));
    this.host.memory.bytes.set(bytes, pointer >>> 0);
    return [pointer, bytes.length];
  }
}

function importsOf(module: WasmModule, host: WasiHost): WasmImports {
  const { calls } = host;
  const imports: WasmImports = {};
  for (const { module: from, name } of wasm.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] =
      from === 'wasi_snapshot_preview1' ? (calls[name] ?? (() => Errno.notImplemented)) : closed(name);
  }
  // Handles for the one thing that is handed out, the result of `eval`, which nobody looks at.
  imports['canonical_abi'] = {
    ...imports['canonical_abi'],
    'resource_new_rb-abi-value': () => 0,
    'resource_get_rb-abi-value': () => {
      throw new Contained('Ruby asked for a value it was not given');
    },
  };
  return imports;
}

/**
 * The way out to JavaScript: ruby.wasm brings a library `js` with `JS.eval`, which runs in the host with all its rights.
 * Whoever finds it ends the evaluation.
 */
function closed(name: string): () => never {
  return () => {
    throw new Contained(`the file tried to reach out of Ruby (${name.split(':')[0]})`);
  };
}
