import { shellQuote } from './shell-quote.ts';

/** A path with a drive letter, as only Windows has it. */
export function isDrivePath(path: string): boolean {
  return /^[A-Za-z]:[\\/]/.test(path);
}

/** A path with a drive letter with slashes only, which all programs of Windows take; other paths as they are. */
export function withSlashes(path: string): string {
  return isDrivePath(path) ? path.replaceAll('\\', '/') : path;
}

/**
 * A path as the guest's programs take it. Packer's templates rely on the guest's shell to expand a home directory
 * at the start; sessions start there, so a relative path says the same without a shell. Nothing else is expanded.
 */
export function guestPath(path: string): string {
  if (isDrivePath(path)) return withSlashes(path);
  const relative = path.replace(/^(?:~|\$HOME|\$\{HOME\})(?=\/|$)/, '.');
  // A leading dash would be read as an option.
  return relative.startsWith('-') ? `./${relative}` : relative;
}

/** The folder part of a guest's path, `.` when it has none. */
export function guestFolder(path: string): string {
  const trimmed = path.replace(/(?<=.)\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  if (slash < 0) return '.';
  const folder = trimmed.slice(0, slash).replace(/\/+$/, '') || '/';
  // A drive without a slash is whatever folder is the current one on it.
  return /^[A-Za-z]:$/.test(folder) ? `${folder}/` : folder;
}

/** The last part of a guest's path. */
export function guestName(path: string): string {
  const trimmed = path.replace(/(?<=.)\/+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

/** Puts a relative path under a guest's folder. */
export function joinGuestPath(folder: string, ...names: readonly string[]): string {
  return [folder.replace(/(?<=.)\/+$/, ''), ...names].join('/').replace(/^\/\//, '/');
}

/** A path as one word of a command line. The shells of Windows know double quotes, and programs there no others. */
export function quotePath(path: string): string {
  return isDrivePath(path) && !/^[\w:./~-]+$/.test(path) && !/["$`%]/.test(path)
    ? `"${path}"`
    : shellQuote(path);
}

/** One line that any login shell can run: the script itself is read by a POSIX shell. */
export function posixCommand(script: string, ...args: readonly string[]): string {
  return ['/bin/sh', '-c', script, 'sh', ...args].map(shellQuote).join(' ');
}
