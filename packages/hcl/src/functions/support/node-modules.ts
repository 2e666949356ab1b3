/** Modules of Node that few templates need: each is loaded when a function first asks for it. */
export const nodeModules = {
  get crypto() {
    return process.getBuiltinModule('node:crypto');
  },
  get net() {
    return process.getBuiltinModule('node:net');
  },
  get zlib() {
    return process.getBuiltinModule('node:zlib');
  },
  get childProcess() {
    return process.getBuiltinModule('node:child_process');
  },
};
