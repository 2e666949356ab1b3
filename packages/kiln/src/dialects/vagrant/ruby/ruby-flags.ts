/**
 * What V8 is told about Ruby's WebAssembly. It runs for a moment only: the quick compiler and nothing else, functions
 * compiled and checked when they are first called (the module is our own), no helpers on other cores. Memory is limited to
 * half a gibibyte; a started Ruby has 75 MB.
 */
export const rubyFlags: readonly string[] = [
  '--liftoff-only',
  '--wasm-lazy-validation',
  '--single-threaded',
  '--wasm-max-mem-pages=8192',
];
