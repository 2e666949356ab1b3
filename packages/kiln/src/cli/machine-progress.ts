import { performance } from 'node:perf_hooks';
import { KilnError } from '../base/errors.ts';
import type { BuildFinished } from '../base/events.ts';
import type { CliContext } from './context.ts';
import { canDraw } from './render/can-draw.ts';
import { createLiveRenderer } from './render/live.ts';
import { createPlainRenderer } from './render/plain.ts';
import type { Renderer } from './render/renderer.ts';

/** Shows how several machines come up. */
export interface MachineProgress {
  readonly renderer: Renderer;
  /** The outcomes are told as they come, not by the command at its end. */
  readonly isLive: boolean;
  /**
   * Work on one machine. Where it is drawn live, the machine has a line of its own as long as that takes.
   * @param told for people, what has come of it
   */
  follow<T>(machine: string, work: () => Promise<T>, told: (result: T) => string): Promise<T>;
}

/** A block that changes where several machines are worked on at a terminal, else lines with the machine's name. */
export function createMachineProgress(
  { stderr, env }: Pick<CliContext, 'stderr' | 'env'>,
  machines: number,
): MachineProgress {
  if (machines < 2 || !canDraw(stderr, env)) {
    const renderer = createPlainRenderer(stderr, { timestamps: false });
    return { renderer, isLive: false, follow: (_machine, work) => work() };
  }
  const ends = new Map<string, string>();
  const renderer = createLiveRenderer(stderr, {
    describeEnd: ({ build, outcome }) => ends.get(build) ?? endings[outcome],
    // Nothing else keeps what provisioners print.
    keepOutput: true,
  });
  return {
    renderer,
    isLive: true,
    follow: async (machine, work, told) => {
      const begun = performance.now();
      const end = (outcome: BuildFinished['outcome']) => {
        const milliseconds = performance.now() - begun;
        renderer.event({ kind: 'build-finished', build: machine, outcome, milliseconds });
      };
      renderer.event({ kind: 'build-started', build: machine });
      try {
        const result = await work();
        ends.set(machine, told(result));
        end('succeeded');
        return result;
      } catch (error) {
        end(error instanceof KilnError && error.code === 'cancelled' ? 'cancelled' : 'failed');
        throw error;
      }
    },
  };
}

const endings = { succeeded: 'is up', failed: 'did not come up', cancelled: 'was given up' } as const;
