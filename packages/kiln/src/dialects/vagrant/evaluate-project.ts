import { realpathSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import type { ProviderWishes } from './choose-provider.ts';
import type { RecordedInputs } from './files/input-recorder.ts';
import { type Aspect, observe, type PathType } from './files/observe.ts';
import { reachOf } from './files/reach.ts';
import type { VagrantfilePlace } from './find-vagrantfile.ts';
import { explainError } from './finish/explain-error.ts';
import { explainOutcome } from './finish/explain-outcome.ts';
import { finishConfig } from './finish/finish-config.ts';
import { MachineProblems } from './finish/machine-problems.ts';
import type { VagrantfileReading } from './read-vagrantfile.ts';
import type { EvaluationOutcome, EvaluationRequest, TriggerCall } from './ruby/messages.ts';
import { rubyImage } from './ruby/ruby-image.ts';
import { evaluateInChild } from './ruby/run-child.ts';

export interface ProjectEvaluation {
  readonly place: VagrantfilePlace;
  /** Where the command was given. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly words: readonly string[];
  readonly providers: ProviderWishes;
  readonly trusted: boolean;
  readonly timeLimit: number;
  readonly trigger?: TriggerCall;
  readonly signal?: AbortSignal;
}

/** A file that installs a plugin at each start would go on forever. */
const mostRestarts = 3;

/** Evaluates a project anew. */
export async function evaluateProject(
  evaluation: ProjectEvaluation,
): Promise<{ reading: VagrantfileReading; inputs: RecordedInputs }> {
  const { place, folder } = evaluation;
  const outcome = await outcomeOf(evaluation);
  const problems = new MachineProblems(folder, place.file);
  const { result } = outcome;
  const files = [...outcome.inputs.files];
  const typeOf = (path: string): PathType => {
    const seen = observe(path, 'type') as PathType;
    files.push([path, 'type' satisfies Aspect, seen]);
    return seen;
  };
  explainOutcome(outcome, problems);
  if (result?.error) explainError(result.error, problems, trustHint(outcome));
  const config =
    result?.machines === undefined ? undefined : finishConfig(result, placeOf(place), problems, typeOf);
  const exit = result?.error?.kind === 'exit' ? (result.error.status ?? 1) : undefined;
  const wantsTrust = outcome.refusedCommands.length + outcome.refusals.length + outcome.unwritten.length > 0;
  return {
    reading: { config, diagnostics: problems.list, output: outcome.output, exit, wantsTrust },
    inputs: {
      ...outcome.inputs,
      files: outcome.contained === undefined ? files : [],
      unrepeatable: [
        ...outcome.inputs.unrepeatable,
        ...(outcome.contained === undefined ? [] : [outcome.contained]),
      ],
    },
  };
}

async function outcomeOf(evaluation: ProjectEvaluation): Promise<EvaluationOutcome> {
  const { environment, signal, timeLimit } = evaluation;
  const image = await rubyImage(environment);
  let accepted: readonly string[] = [];
  for (let start = 0; ; start++) {
    const request = requestOf(evaluation, image, accepted);
    const outcome = await evaluateInChild(request, { time: timeLimit, ...(signal && { signal }) });
    const more = outcome.restart?.plugins.filter((name) => !accepted.includes(name)) ?? [];
    if (more.length === 0 || start === mostRestarts) return outcome;
    accepted = [...accepted, ...more];
  }
}

function requestOf(
  { place, folder, environment, words, providers, trusted, trigger }: ProjectEvaluation,
  image: string,
  acceptedPlugins: readonly string[],
): EvaluationRequest {
  const { file, vagrantHome, dotfiles, homeFile } = place;
  const home = environment['HOME'];
  return {
    image,
    reach: reachOf({ root: realpathSync.native(place.folder), file, vagrantHome, dotfiles, home, trusted }),
    folder,
    homeFile,
    rootFile: file,
    environment: Object.fromEntries(
      Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    words,
    providers,
    boxes: { folder: join(vagrantHome, 'boxes'), architecture: arch() === 'x64' ? 'amd64' : arch() },
    acceptedPlugins,
    dotfiles,
    ...(trigger && { trigger }),
  };
}

function placeOf({ file, folder, dotfiles }: VagrantfilePlace): {
  file: string;
  folder: string;
  dotfiles: string;
} {
  return { file, folder, dotfiles };
}

/** When something was refused before, that is likely why the file did not get any further. */
function trustHint({ refusedCommands, refusals }: EvaluationOutcome): string | undefined {
  if (refusedCommands.length + refusals.length === 0) return undefined;
  return 'what it asked for was refused; `kiln trust` allows it for this project';
}
