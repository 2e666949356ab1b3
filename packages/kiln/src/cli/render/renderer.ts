import type { KilnEvent } from '../../base/events.ts';

/** Draws events for somebody. */
export interface Renderer {
  readonly event: (event: KilnEvent) => void;
  /** A line of the command's own, such as a question or that it is being cancelled. */
  readonly note: (text: string) => void;
  /** Makes room for a question at the terminal, until the returned function is called. */
  readonly pause: () => () => void;
  /** Nothing is drawn any more. A second call does nothing. */
  readonly close: () => void;
}
