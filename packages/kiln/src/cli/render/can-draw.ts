import type { CliContext, Stream } from '../context.ts';

/** Whether somebody sits in front of a terminal on which lines can be drawn anew. */
export function canDraw({ isTerminal }: Pick<Stream, 'isTerminal'>, env: CliContext['env']): boolean {
  return isTerminal && env['TERM'] !== 'dumb' && !env['CI'];
}
