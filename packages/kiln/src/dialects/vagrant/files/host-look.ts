import { isSystemError } from '../../../base/errors.ts';
import { Errno, WasiError } from '../ruby/wasi/wasi-codes.ts';

/** Looks at the host's files; what the system says against it is said as the program in WebAssembly understands it. */
export function onHost<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw translate(error);
  }
}

/** An error of the system as the program in WebAssembly is told. */
export function translate(error: unknown): unknown {
  if (isSystemError(error, 'ENOENT')) return new WasiError(Errno.missing);
  if (isSystemError(error, 'ENOTDIR')) return new WasiError(Errno.notFolder);
  if (isSystemError(error, 'ELOOP')) return new WasiError(Errno.loop);
  if (isSystemError(error, 'EINVAL')) return new WasiError(Errno.invalid);
  if (isSystemError(error, 'EFBIG')) return new WasiError(Errno.tooLarge);
  // ERR_ACCESS_DENIED of Node's permissions; the rest is what the system does not allow this user.
  if (error instanceof Error && 'code' in error) return new WasiError(Errno.access);
  return error;
}
