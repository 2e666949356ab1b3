import type { Readable, Writable } from 'node:stream';
import { cancelled } from '../../base/cancellation.ts';
import { KilnError } from '../../base/errors.ts';
import type { GuestExit } from '../guest.ts';

/** A command that runs in a guest, with its streams. */
export interface RunningProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when all output has been given out. */
  readonly ended: Promise<GuestExit>;
  /** The first of what it complained about. */
  readonly complaints: string;
  /** Ends a program that is of no use any more. */
  abandon(): void;
}

/** Writes to a program's input and waits while it is behind. */
export async function writeInput({ stdin }: RunningProgram, bytes: Uint8Array): Promise<void> {
  if (!stdin.writable || stdin.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      stdin.off('drain', go);
      stdin.off('close', go);
      resolve();
    };
    stdin.once('drain', go);
    stdin.once('close', go);
  });
}

/**
 * Waits for a program's end, which must be success.
 * @param what what is not so when it failed, such as `/etc/x could not be written`
 * @throws KilnError `step-failed`, `disk-full`, `guest-disconnected`, `cancelled`
 */
export async function succeeded(
  program: RunningProgram,
  what: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const exit = await program.ended;
  if (signal?.aborted) throw cancelled();
  if (exit.kind === 'exited' && exit.code === 0) return;
  if (exit.kind === 'disconnected')
    throw new KilnError('guest-disconnected', `${what}: the connection to the machine broke`);
  const words = program.complaints.trim();
  if (/No space left on device/.test(words)) throw new KilnError('disk-full', `${what}: ${words}`);
  throw new KilnError('step-failed', `${what}${words === '' ? '' : `: ${words}`}`);
}
