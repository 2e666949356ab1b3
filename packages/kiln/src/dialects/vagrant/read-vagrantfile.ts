import { resolve } from 'node:path';
import { kilnHome } from '../../base/home.ts';
import { deepFreeze } from '../../plan/freeze.ts';
import { defaultProviders, type ProviderWishes } from './choose-provider.ts';
import type { ProjectEvaluation } from './evaluate-project.ts';
import { type CacheQuestion, recallReading, rememberReading } from './evaluation-cache.ts';
import { findVagrantfile, type VagrantfilePlace } from './find-vagrantfile.ts';
import type { VagrantDiagnostic } from './finish/machine-problems.ts';
import { programStamp } from './program-stamp.ts';
import type { OutputPart, TriggerCall } from './ruby/messages.ts';
import { trustStateOf } from './trust.ts';
import type { VagrantConfig } from './vagrant-config.ts';

export interface VagrantfileRequest {
  /** Where the command was given; the Vagrantfile is looked for there and above. */
  readonly folder: string;
  /** The user's variables, which the file sees. */
  readonly environment?: NodeJS.ProcessEnv;
  /** The words of the command line, without the program: what the file finds in `ARGV`. */
  readonly words?: readonly string[];
  /** `--provider`. */
  readonly provider?: string;
  /** Providers of machines that are there already, by name. */
  readonly existing?: Readonly<Record<string, string>>;
  /** What this host can make machines with, the best first. Default: `qemu`, `docker`. */
  readonly usable?: readonly string[];
  /** Milliseconds that the evaluation may take; programs that a trusted file runs do not count. Default: 20 s. */
  readonly timeLimit?: number;
  /** Do not use what was read before. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
}

export interface VagrantfileReading {
  /** Frozen. Machines that could not be configured are not in it. Undefined when nothing could be. */
  readonly config: VagrantConfig | undefined;
  readonly diagnostics: readonly VagrantDiagnostic[];
  /** What the file printed; also when it is recalled, as it would print it again. */
  readonly output: readonly OutputPart[];
  /** The file ended the command with this code (`exit`, `abort`). */
  readonly exit: number | undefined;
  /** It wanted to do what only trusted projects may: see `trust.ts`. */
  readonly wantsTrust: boolean;
}

/** One evaluation of the largest files takes a tenth of it. */
const standardTime = 20_000;

/**
 * Reads the Vagrantfile of a folder, with what it is merged with (that of the box, the user's own, provider overrides).
 * Whatever is wrong with it is a diagnostic. Undefined when there is no Vagrantfile.
 * @throws KilnError `not-found` when `VAGRANT_CWD` is no folder; `cancelled`; `internal`
 */
export async function readVagrantfile(request: VagrantfileRequest): Promise<VagrantfileReading | undefined> {
  const evaluation = evaluationOf(request);
  if (evaluation === undefined) return undefined;
  const { place, folder, environment, words, providers, trusted } = evaluation;
  const home = kilnHome(environment);
  const question: CacheQuestion = {
    kilnHome: home,
    parts: [programStamp(), folder, place, environment['HOME'], environment['TZ'], trusted, providers],
    environment,
    words,
  };
  const known = request.fresh ? undefined : recallReading(question);
  if (known !== undefined) return deepFreeze(known);
  const { evaluateProject } = await import('./evaluate-project.ts');
  const { reading, inputs } = await evaluateProject(evaluation);
  rememberReading(question, inputs, reading);
  return deepFreeze(reading);
}

/**
 * Runs the Ruby of a trigger (`config.trigger.… { |t| t.ruby { |env, machine| … } }`): the file is evaluated for it again.
 * What the block may do is what the file may do. Undefined when there is no Vagrantfile.
 * @returns what it printed and what went wrong; without errors it ran to its end
 */
export async function runRubyTrigger(
  request: VagrantfileRequest,
  trigger: TriggerCall,
): Promise<Pick<VagrantfileReading, 'output' | 'diagnostics' | 'exit'> | undefined> {
  const evaluation = evaluationOf(request);
  if (evaluation === undefined) return undefined;
  const { evaluateProject } = await import('./evaluate-project.ts');
  const { output, diagnostics, exit } = (await evaluateProject({ ...evaluation, trigger })).reading;
  return deepFreeze({ output, diagnostics, exit });
}

function evaluationOf(request: VagrantfileRequest): ProjectEvaluation | undefined {
  const environment = request.environment ?? process.env;
  const folder = resolve(request.folder);
  const place = findVagrantfile(folder, environment);
  if (place === undefined) return undefined;
  return {
    place,
    folder,
    environment,
    words: request.words ?? [],
    providers: wishesOf(request, environment),
    trusted: trustStateOf(place.file, kilnHome(environment)) === 'trusted',
    timeLimit: request.timeLimit ?? standardTime,
    ...(request.signal && { signal: request.signal }),
  };
}

export type { VagrantfilePlace };

function wishesOf(request: VagrantfileRequest, environment: NodeJS.ProcessEnv): ProviderWishes {
  return {
    forced: request.provider,
    fallback: environment['VAGRANT_DEFAULT_PROVIDER'] || undefined,
    preferred: (environment['VAGRANT_PREFERRED_PROVIDERS'] ?? '')
      .split(',')
      .flatMap((name) => name.trim() || []),
    existing: request.existing ?? {},
    usable: request.usable ?? defaultProviders,
  };
}
