import type { KilnEvent } from '../../base/events.ts';
import type { Renderer } from './renderer.ts';

/**
 * One JSON object a line: `time` (ISO 8601), `event` (the event's kind) and the event's own fields, which are those
 * of base/events.ts. Fields may be added; those there are stay.
 */
export function createJsonRenderer(write: (line: string) => void): Renderer {
  let closed = false;
  const emit = (event: string, fields: object) => {
    if (!closed) write(JSON.stringify({ time: new Date().toISOString(), event, ...fields }));
  };
  return {
    event: ({ kind, ...fields }: KilnEvent) => emit(kind, fields),
    note: (text) => emit('message', { level: 'info', text }),
    pause: () => () => {},
    close: () => {
      closed = true;
    },
  };
}
