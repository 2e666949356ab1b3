/**
 * What of the WebAssembly API is used here. The type libraries that Kiln is checked with (no browser's) leave it out.
 * https://webassembly.github.io/spec/js-api/
 */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

export type WasmImports = Record<string, Record<string, (...args: never[]) => unknown>>;

/** A compiled module; only `WebAssembly` can look into it. */
export interface WasmModule {
  readonly compiledWasm?: never;
}

interface WebAssemblyApi {
  readonly Module: {
    new (bytes: Uint8Array): WasmModule;
    imports(module: WasmModule): { module: string; name: string; kind: string }[];
  };
  readonly Instance: new (module: WasmModule, imports: WasmImports) => { readonly exports: unknown };
  /** The program did something that WebAssembly ends it for, such as reading outside of its memory. */
  readonly RuntimeError: new () => Error;
}

export const wasm = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
