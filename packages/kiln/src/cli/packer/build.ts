import { randomUUID } from 'node:crypto';
import { DiagnosticsError } from '../../base/diagnostics.ts';
import { kilnHome } from '../../base/home.ts';
import { redactor } from '../../base/redact.ts';
import type { PlanResult } from '../../engine/plan-result.ts';
import { runPlan } from '../../engine/run-plan.ts';
import type { Plan } from '../../plan/plan.ts';
import { exitCodes } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupts.ts';
import { findHostProblems } from '../plan-problems.ts';
import { createServices } from '../services.ts';
import { askOnTerminal } from './ask.ts';
import { PackerRenderer, shownName } from './build-renderer.ts';
import { writeSummary } from './build-summary.ts';
import { definePackerCommand, type PackerContext } from './command.ts';
import { configTypeOf, pluginFlags, sequentialFlag, templateFlags } from './flags.ts';
import { defineFlags, type GoFlagValues } from './go-flags.ts';
import { loadPackerTemplate } from './load-packer-template.ts';
import { withPackerCache } from './packer-cache.ts';
import { problemText } from './problem-text.ts';
import { findTemplateFile } from './template-file.ts';

const flags = defineFlags({
  color: { type: 'boolean', default: true, description: 'Use no colours.' },
  debug: {
    type: 'boolean',
    default: false,
    description: 'Stop before each step until you press Enter; builds run one after the other.',
  },
  ...templateFlags,
  force: {
    type: 'boolean',
    default: false,
    description: 'Replace results that are in the way, and run every step again.',
  },
  'machine-readable': { type: 'boolean', default: false, description: 'Write rows for programs.' },
  'on-error': {
    type: 'choice',
    choices: ['cleanup', 'abort', 'ask', 'run-cleanup-provisioner'],
    default: 'cleanup',
    description: 'What to do when a build fails: clean up (the default), keep what is there, or ask.',
  },
  'parallel-builds': {
    type: 'count',
    value: '1',
    default: 0,
    description: 'How many builds run at a time; 0 for as many as this host has room for.',
  },
  'timestamp-ui': { type: 'boolean', default: false, description: 'Put the time in front of every line.' },
  'warn-on-undeclared-var': {
    type: 'boolean',
    default: false,
    description: 'Warn of values in variable files that no variable is declared for.',
  },
  ...sequentialFlag,
  ...pluginFlags,
});

type BuildFlags = GoFlagValues<typeof flags>;

export const buildCommand = definePackerCommand({
  operands: 'TEMPLATE',
  description: 'Builds the images of a template, several at a time, and tells what was made.',
  flags,
  arguments: { min: 1, max: 1 },
  run: async ({ flags: given, args }, context) => {
    const { ui, log } = context;
    const { plan, diagnostics } = await loadPackerTemplate(
      findTemplateFile(args[0]!, configTypeOf(given), context.cwd),
      {
        only: given.only,
        except: given.except,
        variables: given.var,
        variableFiles: given['var-file'],
        warnUndeclared: given['warn-on-undeclared-var'],
        fetchData: true,
      },
      context,
    );
    if (!plan) throw new DiagnosticsError(diagnostics);
    ui.hide(redactor(plan.secrets));
    for (const diagnostic of diagnostics) ui.say(problemText(diagnostic, context.paint));
    log.line(`builds: ${plan.builds.map(({ name }) => name).join(', ')}`);
    return build(plan, given, context);
  },
});

async function build(plan: Plan, given: BuildFlags, context: PackerContext): Promise<number> {
  const { ui } = context;
  if (given.debug) ui.say('Debug mode: builds run one after the other, and stop before each step.');
  const ready = await withoutHopeless(plan, context);
  const started = performance.now();
  const { result, interrupted } = await run(ready, given, context);
  writeSummary(
    {
      result,
      milliseconds: performance.now() - started,
      interrupted,
      folder: plan.origin.folder,
      nameOf: ({ name, type }) => shownName(ready, { name, type }),
    },
    ui,
  );
  const succeeded = result.outcome === 'succeeded' && !interrupted;
  return succeeded && ready.builds.length === plan.builds.length && plan.builds.length > 0
    ? exitCodes.ok
    : exitCodes.failed;
}

/** The builds that can be tried on this host. As with Packer, those that cannot do not keep the others from running. */
async function withoutHopeless(plan: Plan, { ui, env, paint }: PackerContext): Promise<Plan> {
  const problems = await findHostProblems(plan, env);
  if (problems.length === 0) return plan;
  const builds = plan.builds.filter(({ name, type }) => {
    const messages = problems.filter(({ build: owner }) => owner === name).map(({ message }) => message);
    if (messages.length === 0) return true;
    const title = `"${shownName(plan, { name, type })}" cannot be built here`;
    ui.error(problemText({ severity: 'error', message: title, hint: messages.join('\n') }, paint));
    return false;
  });
  return { ...plan, builds };
}

async function run(
  plan: Plan,
  given: BuildFlags,
  context: PackerContext,
): Promise<{ result: PlanResult; interrupted: boolean }> {
  const { ui, env, log } = context;
  const renderer = new PackerRenderer(plan, ui, {
    color: given.color,
    paint: !env.PACKER_NO_COLOR,
    timestamps: given['timestamp-ui'],
  });
  const interrupts = watchInterrupts((text, { name, isFirst }) => {
    if (isFirst) ui.error(`Cancelling build after receiving ${signalWords[name] ?? name}`);
    else ui.say(text);
  });
  const services = createServices({
    home: kilnHome(env),
    env,
    ask: (question, signal) => askOnTerminal(renderer.titled(question), signal, ui),
  });
  const parallel = given['parallel-builds'];
  try {
    const result = await runPlan(
      plan,
      {
        emit: (event) => {
          if (event.kind !== 'output' && event.kind !== 'progress') log.line(JSON.stringify(event));
          renderer.event(event);
        },
        signal: interrupts.signal,
        forceSignal: interrupts.forceSignal,
        ...(parallel > 0 && { parallel }),
        onError: given['on-error'],
        force: given.force,
        // Steps that were run before need not run again. Who replaces a result wants one that is made anew.
        checkpoints: { mode: 'memory', use: !given.force && !env.KILN_NO_CACHE },
        debug: given.debug,
        runUuid: env.PACKER_RUN_UUID || randomUUID(),
      },
      { ...services, images: withPackerCache(services.images, env) },
    );
    return { result, interrupted: interrupts.signal.aborted };
  } finally {
    interrupts.close();
    renderer.close();
  }
}

/** As Go names them. */
const signalWords: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGINT: 'interrupt',
  SIGTERM: 'terminated',
  SIGHUP: 'hangup',
};
