/** How a person stops a command: first politely, then in a hurry. */
export interface Interrupts {
  /** Raised by the first Ctrl-C, SIGTERM or SIGHUP: stop the work, then clean up. */
  readonly signal: AbortSignal;
  /** Raised by the second: wait for nothing polite any more. */
  readonly forceSignal: AbortSignal;
  /** Gives the signals back to Node. */
  close(): void;
}

/** Told before the signals are raised, so that the message stands before what they cause. */
export type OnInterrupt = (text: string, interrupt: Interrupt) => void;

export interface Interrupt {
  readonly name: NodeJS.Signals;
  /** The first time: the work is cancelled. After that there is only hurry. */
  readonly isFirst: boolean;
}

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Takes over the signals that end a program. A third one changes nothing: the hurried end takes seconds, and what
 * `kill -9` would leave behind the next command removes.
 */
export function watchInterrupts(tell: OnInterrupt): Interrupts {
  const polite = new AbortController();
  const hurried = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (!polite.signal.aborted) {
      const text =
        name === 'SIGINT' ? 'cancelling; press Ctrl-C again to hurry' : `cancelling because of ${name}`;
      tell(text, { name, isFirst: true });
      polite.abort();
    } else if (!hurried.signal.aborted) {
      tell('cancelling in a hurry', { name, isFirst: false });
      hurried.abort();
    }
  };
  for (const name of names) process.on(name, onSignal);
  return {
    signal: polite.signal,
    forceSignal: hurried.signal,
    close: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
