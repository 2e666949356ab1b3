/** Numbers of WASI preview 1: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md */
export const Errno = {
  success: 0,
  access: 2,
  badDescriptor: 8,
  exists: 20,
  tooLarge: 22,
  invalid: 28,
  io: 29,
  isFolder: 31,
  loop: 32,
  tooManyFiles: 33,
  missing: 44,
  noSpace: 51,
  notImplemented: 52,
  notFolder: 54,
  notEmpty: 55,
  notPermitted: 63,
  noSeek: 70,
} as const;

export type Errno = (typeof Errno)[keyof typeof Errno];

/** A call of the program fails with this number; never leaves the WASI layer. */
export class WasiError extends Error {
  readonly errno: Errno;

  constructor(errno: Errno) {
    super(`WASI error ${errno}`);
    this.errno = errno;
  }
}

export const FileType = { device: 2, folder: 3, file: 4, link: 7 } as const;

export const OpenFlag = { create: 1, folder: 2, exclusive: 4, truncate: 8 } as const;

export const DescriptorFlag = { append: 1 } as const;

/** Rights of a descriptor that say what it was opened for. */
export const Right = { read: 2n, write: 64n } as const;

export const Whence = { set: 0, current: 1, end: 2 } as const;
