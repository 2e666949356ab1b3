import { shellQuote } from './shell-quote.ts';

/**
 * A path as the guest's programs take it. Packer's templates rely on the guest's shell to expand a home directory
 * at the start; sessions start there, so a relative path says the same without a shell. Nothing else is expanded.
 */
export function guestPath(path: string): string {
  const relative = path.replace(/^(?:~|\$HOME|\$\{HOME\})(?=\/|$)/, '.');
  // A leading dash would be read as an option.
  return relative.startsWith('-') ? `./${relative}` : relative;
}

/** The folder part of a guest's path, `.` when it has none. */
export function guestFolder(path: string): string {
  const trimmed = path.replace(/(?<=.)\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  if (slash < 0) return '.';
  return trimmed.slice(0, slash).replace(/\/+$/, '') || '/';
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

/** One line that any login shell can run: the script itself is read by a POSIX shell. */
export function posixCommand(script: string, ...args: readonly string[]): string {
  return ['/bin/sh', '-c', script, 'sh', ...args].map(shellQuote).join(' ');
}
