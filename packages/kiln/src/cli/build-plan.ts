import { kilnHome } from '../base/home.ts';
import type { PlanResult } from '../engine/plan-result.ts';
import type { CheckpointOptions, OnError, Visit } from '../engine/run-options.ts';
import { runPlan } from '../engine/run-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { askPerson } from './ask-person.ts';
import type { CliContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { watchInterrupts } from './interrupts.ts';
import { canDraw } from './render/can-draw.ts';
import { createJsonRenderer } from './render/json.ts';
import { LastLines } from './render/last-lines.ts';
import { createLiveRenderer } from './render/live.ts';
import { createPlainRenderer } from './render/plain.ts';
import type { Renderer } from './render/renderer.ts';
import { writeFailures, writeResults } from './render/summary.ts';
import { createServices } from './services.ts';

export interface BuildPlanOptions {
  readonly json?: boolean;
  readonly live?: boolean;
  readonly timestamps?: boolean;
  readonly parallel?: number;
  readonly onError?: OnError;
  readonly force?: boolean;
  readonly checkpoints?: CheckpointOptions;
  readonly resume?: boolean;
  readonly visit?: Visit;
  readonly debug?: boolean;
}

/** Builds a plan before the eyes of the user: draws what happens, minds Ctrl-C, sums up. Gives the exit code. */
export async function buildPlan(plan: Plan, options: BuildPlanOptions, context: CliContext): Promise<number> {
  const renderer = chooseRenderer(options, context);
  const lastLines = new LastLines();
  const interrupts = watchInterrupts(renderer.note);
  const services = createServices({
    home: kilnHome(context.env),
    env: context.env,
    ask: (question, signal) => askPerson(question, signal, renderer),
  });
  let result: PlanResult;
  try {
    result = await runPlan(
      plan,
      {
        emit: (event) => {
          lastLines.event(event);
          renderer.event(event);
        },
        signal: interrupts.signal,
        forceSignal: interrupts.forceSignal,
        ...(options.parallel !== undefined && { parallel: options.parallel }),
        ...(options.onError !== undefined && { onError: options.onError }),
        force: options.force ?? false,
        checkpoints: options.checkpoints ?? { mode: 'memory', use: true },
        debug: options.debug ?? false,
        ...(options.resume && { resume: true }),
        ...(options.visit && { visit: options.visit }),
      },
      services,
    );
  } finally {
    interrupts.close();
    renderer.close();
  }
  const code = exitCodeOf(result);
  if (options.json) context.stdout.line(JSON.stringify(finishedEvent(result, code)));
  else if (options.visit) writeFailures(result, lastLines, context.stderr);
  else {
    writeResults(result, context.stdout);
    writeFailures(result, lastLines, context.stderr);
  }
  return code;
}

function chooseRenderer(options: BuildPlanOptions, { stdout, stderr, env }: CliContext): Renderer {
  if (options.json) return createJsonRenderer(stdout.line);
  // Questions and the moving block would fight for the same lines.
  const wantsLive = options.live !== false && !options.timestamps && !options.debug;
  return wantsLive && canDraw(stderr, env)
    ? createLiveRenderer(stderr)
    : createPlainRenderer(stderr, { timestamps: options.timestamps ?? false });
}

function exitCodeOf(result: PlanResult): number {
  if (result.outcome === 'succeeded') return exitCodes.ok;
  // A build may have failed before another one was cancelled; whoever pressed Ctrl-C expects to be told of that.
  const cancelled = result.builds.some((build) => build.outcome === 'cancelled');
  return cancelled ? exitCodes.cancelled : exitCodes.failed;
}

function finishedEvent(result: PlanResult, exitCode: number): object {
  return {
    time: new Date().toISOString(),
    event: 'finished',
    outcome: result.outcome,
    exitCode,
    builds: result.builds.map(({ errors, ...build }) => ({
      ...build,
      errors: errors.map(({ code, message, hint, at }) => ({ code, message, hint, at })),
    })),
  };
}
