import type { EmitEvent } from '../base/events.ts';
import type { CliContext } from './context.ts';
import { watchInterrupts } from './interrupts.ts';
import { createLiveRenderer } from './render/live.ts';
import { createPlainRenderer } from './render/plain.ts';

/** Does work that may take a while: shows how far it is, and ends it politely on Ctrl-C. */
export async function withProgress<T>(
  { stderr, env }: CliContext,
  work: (tools: { readonly emit: EmitEvent; readonly signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const renderer =
    stderr.isTerminal && env.TERM !== 'dumb'
      ? createLiveRenderer(stderr)
      : createPlainRenderer(stderr, { timestamps: false });
  const interrupts = watchInterrupts(renderer.note);
  try {
    return await work({ emit: renderer.event, signal: interrupts.signal });
  } finally {
    interrupts.close();
    renderer.close();
  }
}
