import { noGuest } from '../guests/no-guest.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { ShellLocalOutput } from '../plan/output.ts';
import type { ShellLocalStep } from '../plan/step.ts';
import type { OutputContext, OutputResult, OutputRunner } from './output-context.ts';

/** Runs scripts on this machine: the shell-local step's own runner, which stands above this room. */
export type LocalScriptRunner = (
  step: ShellLocalStep,
  context: Pick<
    OutputContext,
    'build' | 'values' | 'render' | 'say' | 'output' | 'emit' | 'signal' | 'scratch' | 'folder'
  > & {
    readonly guest: ReturnType<typeof noGuest>;
    readonly ask: (question: string) => Promise<string>;
    readonly ownProcess: (pid: number) => void;
  },
) => Promise<void>;

/**
 * Runs scripts when the build is done. They get the same variables as a shell-local step; Packer has none more for
 * them either. The artifact goes on as it came and is kept whatever the template says: a script may well have
 * left it where it is.
 */
export function shellLocalOutputRunner(runScripts: LocalScriptRunner): OutputRunner<ShellLocalOutput> {
  return async (output, input: Artifact, context): Promise<OutputResult> => {
    const { keepInput: _, ...scripts } = output;
    await runScripts(
      { ...scripts, pauseBefore: 0, timeout: 0, maxRetries: 0 },
      {
        ...context,
        guest: noGuest('the build is done and its machine is gone'),
        ask: async () => '',
        ownProcess: (pid) => context.run.ownProcess(pid),
      },
    );
    return { artifact: input, keepInput: true, keepIsForced: true };
  };
}
