import { DiagnosticsError } from '../../base/diagnostics.ts';
import { KilnError, messageOf } from '../../base/errors.ts';
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

/** What kept a command from doing its work, as events; one for each mistake of a template. */
export function errorEvents(thrown: unknown): readonly object[] {
  const time = new Date().toISOString();
  if (thrown instanceof DiagnosticsError) {
    return thrown.diagnostics.map(({ severity, message, hint, at }) => ({
      time,
      event: severity,
      code: thrown.code,
      message,
      hint,
      at,
    }));
  }
  const known = thrown instanceof KilnError ? thrown : undefined;
  const { code = 'internal', hint, at } = known ?? {};
  return [{ time, event: 'error', code, message: messageOf(thrown), hint, at }];
}
