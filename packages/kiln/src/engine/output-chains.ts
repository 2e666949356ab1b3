import { throwIfCancelled } from '../base/cancellation.ts';
import type { KilnError } from '../base/errors.ts';
import type { Artifact } from '../hosts/artifact.ts';
import type { OutputContext, OutputResult, OutputRunner } from '../outputs/output-context.ts';
import type { Output } from '../plan/output.ts';
import type { BuildReporter } from './build-reporter.ts';
import { asKilnError, isCancelled } from './failure.ts';
import { settle } from './stopping.ts';

export interface ChainOptions {
  readonly runOutput: OutputRunner<Output>;
  readonly context: OutputContext;
  readonly reporter: BuildReporter;
  readonly force?: AbortSignal;
  readonly grace: number;
  /** Where chains go on that an earlier build has done in part or whole. */
  readonly done?: readonly (DoneOutputs | undefined)[];
  /** Told of everything that an output has made. */
  readonly onMade?: (chain: number, position: number, artifact: Artifact) => Promise<void>;
  /** Keep the builder's artifact although no chain asks for it, when a chain has failed. */
  readonly keepOnFailure: boolean;
}

/** The first outputs of a chain whose result is there. */
export interface DoneOutputs {
  readonly count: number;
  readonly artifact: Artifact;
}

export interface ChainsResult {
  /** What stays: the builder's artifact first if it was kept, then in order of making. */
  readonly artifacts: readonly Artifact[];
  readonly errors: readonly KilnError[];
}

/**
 * Runs the chains one after the other, each from the builder's artifact. A failing chain is recorded and the next
 * one starts all the same. Packer's rule for what stays: the builder's artifact when any chain's first output
 * keeps its input, or when there are no chains; a later input when the output it goes into keeps it; always what
 * a chain ends with.
 * @param original the builder's artifact; undefined when no chain needs it and it is not there any more
 * @throws KilnError `cancelled`, after everything that was made here has been removed, the builder's artifact too
 */
export async function runChains(
  chains: readonly (readonly Output[])[],
  original: Artifact | undefined,
  options: ChainOptions,
): Promise<ChainsResult> {
  const errors: KilnError[] = [];
  const kept: Artifact[] = [];
  const made: Artifact[] = [];
  let keepOriginal = chains.length === 0 || chains.every((_chain, index) => options.done?.[index]);
  try {
    for (const [index, chain] of chains.entries()) {
      const label = chains.length > 1 ? `chain ${index + 1} of ${chains.length}, ` : '';
      const done = options.done?.[index];
      let current = done?.artifact ?? original!;
      try {
        for (const [position, output] of chain.entries()) {
          if (position < (done?.count ?? 0)) {
            options.reporter.restored(outputLabel(output, label));
            continue;
          }
          const spent = index === chains.length - 1 && position === chain.length - 1;
          const result = await runOne(output, current, label, spent, options);
          if (result.artifact !== current && output.kind !== 'artifice') made.push(result.artifact);
          await options.onMade?.(index, position, result.artifact);
          const keep = keepsInput(output, result);
          // Other chains may still need the original: what becomes of it is settled at the end.
          if (position === 0) keepOriginal ||= keep;
          else if (keep) kept.push(current);
          else await discard(current, errors, options);
          current = result.artifact;
        }
        if (chain.length > 0) kept.push(current);
      } catch (error) {
        throwIfCancelled(options.context.signal);
        errors.push(asKilnError(error, 'output-failed'));
      }
    }
    throwIfCancelled(options.context.signal);
  } catch (error) {
    if (!isCancelled(error)) throw error;
    for (const artifact of [...made.reverse(), ...(original ? [original] : [])])
      await discard(artifact, [], options);
    throw error;
  }
  if (!original) return { artifacts: kept, errors };
  if (!keepOriginal && errors.length > 0 && options.keepOnFailure) {
    keepOriginal = true;
    options.reporter.say(`kept because an output failed: ${original.description}`);
  }
  if (keepOriginal) kept.unshift(original);
  else await discard(original, errors, options);
  return { artifacts: kept, errors };
}

async function runOne(
  output: Output,
  input: Artifact,
  label: string,
  inputIsSpent: boolean,
  options: ChainOptions,
): Promise<OutputResult> {
  const { context, reporter, runOutput, force, grace } = options;
  throwIfCancelled(context.signal);
  return reporter.stage(
    outputLabel(output, label),
    () =>
      settle(runOutput(output, input, { ...context, inputIsSpent }), {
        signal: context.signal,
        grace,
        ...(force ? { force } : {}),
      }),
    { kind: output.kind, ...(output.name !== undefined && { name: output.name }) },
  );
}

export function outputLabel(output: Output, label: string): string {
  const name =
    output.name === undefined || output.name === output.kind
      ? output.kind
      : `${output.name} (${output.kind})`;
  return `${label}output: ${name}`;
}

function keepsInput(output: Output, result: OutputResult): boolean {
  if (output.keepInput === undefined) return result.keepInput;
  if (result.keepInput && result.keepIsForced) return true;
  return output.keepInput;
}

async function discard(artifact: Artifact, errors: KilnError[], options: ChainOptions): Promise<void> {
  try {
    await artifact.destroy();
  } catch (error) {
    const failure = asKilnError(error, 'output-failed');
    options.reporter.warn(
      `could not remove what is no longer needed (${artifact.description}): ${failure.message}`,
    );
    errors.push(failure);
  }
}
