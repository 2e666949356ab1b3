import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { DiagnosticsError } from '../../base/diagnostics.ts';
import { KilnError } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import { readKilnYaml } from '../../dialects/kiln/read-kiln-yaml.ts';
import { checkMachine } from '../../machines/check-machine.ts';
import { findOwn } from '../../machines/find-machine.ts';
import { machineFiles, machineState } from '../../machines/machine-record.ts';
import { provisionAfterUp } from '../../machines/provision/provision-after-up.ts';
import { checkProvisionNames, provisionModeOf } from '../../machines/provision/provision-mode.ts';
import { keepProvisioned, upProvisioned } from '../../machines/provision/up-provisioned.ts';
import { specOfRecord } from '../../machines/spec-of-record.ts';
import type { UpOutcome, UpRequest } from '../../machines/up-machine.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import type { Plan } from '../../plan/plan.ts';
import type { CommandInput } from '../command.ts';
import type { upOptions } from '../commands/up.ts';
import type { CliContext, Stream } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { fetchBoxes, missingBoxes } from '../fetch-boxes.ts';
import { loadTemplate } from '../load-template.ts';
import { createMachineProgress, type MachineProgress } from '../machine-progress.ts';
import { type TriggerProject, withMachineTriggers } from '../machine-triggers.ts';
import { formatDiagnostics } from '../report-error.ts';
import { buildMissingImages } from './build-missing-images.ts';
import { machineJson } from './machine-table.ts';
import { homeOf, projectFolder } from './machine-targets.ts';
import { withMachines } from './with-machines.ts';

type UpOptions = CommandInput<typeof upOptions>['options'];

export async function run(
  { options, args }: CommandInput<typeof upOptions>,
  context: CliContext,
): Promise<number> {
  let chosen = await chooseMachines(args, options, context);
  for (const { spec } of chosen.requests) checkMachine(spec);
  if (await bringBoxes(chosen, context)) chosen = await chooseMachines(args, options, context);
  const { requests, plan } = chosen;
  if (requests.length === 0) {
    context.stderr.line(`${plan?.origin.file ?? 'kiln.yaml'} has no machines.`);
    return exitCodes.ok;
  }
  if (plan) {
    const specs = requests.map((one) => one.spec);
    const code = await buildMissingImages(plan, specs, context);
    if (code !== exitCodes.ok) return code;
  }
  const mode = provisionModeOf({
    provision: options.provision || (options['no-provision'] ? false : undefined),
    provisionWith: options['provision-with'],
  });
  checkProvisionNames(
    mode,
    requests.map(({ spec }) => spec),
  );
  const progress = createMachineProgress(context, requests.length);
  const outcomes = await withMachines(
    context,
    async (services) => {
      let before: Promise<unknown> = Promise.resolve();
      const settled = await Promise.allSettled(
        requests.map((request) => {
          const action = { command: 'up', machine: request.spec.name };
          const work = async () => {
            const folder = plan?.origin.folder ?? context.cwd;
            const secrets = plan?.secrets ?? [];
            const outcome = await upProvisioned(services, request, { mode, folder, secrets });
            await provisionAfterUp(services, outcome.record, request.spec, { mode, folder, secrets });
            await keepProvisioned(services, outcome, request.spec);
            return outcome;
          };
          const print = progress.isLive
            ? (text: string) => progress.renderer.note(text.trimEnd())
            : undefined;
          const bringUp = () =>
            progress.follow(
              request.spec.name,
              () => withMachineTriggers(services, context, chosen.project, action, work, print),
              whatCameOf,
            );
          const outcome = options['no-parallel'] ? before.then(bringUp, bringUp) : bringUp();
          before = outcome;
          return outcome;
        }),
      );
      const failed = settled.filter((one) => one.status === 'rejected');
      for (const one of settled)
        if (one.status === 'fulfilled' && failed.length > 0)
          describe(one.value, context.stderr, options.verbose, progress);
      if (failed.length === 1) throw failed[0]!.reason;
      if (failed.length > 1) throw new AggregateError(failed.map((one) => one.reason as unknown));
      return settled.map((one) => (one as PromiseFulfilledResult<UpOutcome>).value);
    },
    progress.renderer,
  );
  if (options.json) {
    const home = homeOf(context);
    const rows = outcomes.map(async ({ record }) =>
      machineJson({ name: record.name, state: await machineState(home, record.id), record }),
    );
    context.stdout.line(JSON.stringify(await Promise.all(rows), null, 2));
  } else {
    for (const outcome of outcomes) describe(outcome, context.stderr, options.verbose, progress);
    hintAtLogin(outcomes, context);
  }
  return exitCodes.ok;
}

interface ChosenMachines {
  readonly requests: readonly UpRequest[];
  readonly plan?: Plan;
  readonly project?: TriggerProject;
}

/** Gets boxes that are not here. True when some were: they have Vagrantfiles of their own. */
async function bringBoxes({ requests, plan }: ChosenMachines, context: CliContext): Promise<boolean> {
  if (plan?.origin.dialect !== 'vagrant') return false;
  const specs = requests.map(({ spec }) => spec);
  if ((await missingBoxes(specs, context.env)).length === 0) return false;
  return withMachines(context, (services) => fetchBoxes(services, specs, context.env));
}

async function chooseMachines(
  words: readonly string[],
  options: UpOptions,
  context: CliContext,
): Promise<ChosenMachines> {
  const project = projectFolder(options.file, context);
  if (project !== undefined) {
    const loaded = await loadTemplate({ ...options, file: options.file }, context);
    const { plan, machines, refused, warnings } = loaded;
    const known = new Map(plan.machines.map((spec) => [spec.name, spec]));
    const wanted = words.length === 0 ? machines : words;
    if (wanted.every((word) => machines.includes(word))) {
      const why = refused.filter(({ machine }) => machine === undefined || wanted.includes(machine));
      if (why.length > 0) throw new DiagnosticsError(why);
      context.stderr.write(formatDiagnostics(warnings, context.stderr.paint));
      const specs = wanted.map((word) => known.get(word)!);
      const started = words.length === 0 ? specs.filter(({ autostart }) => autostart) : specs;
      return { plan, project: loaded, requests: started.map((spec) => ({ project, spec })) };
    }
    const wrong = words.find((word) => !known.has(word))!;
    if (words.length > 1 || !/[/:]/.test(wrong)) {
      const guess = didYouMean(wrong, known.keys());
      if (guess !== undefined || words.length > 1) {
        throw new KilnError('not-found', `${plan.origin.file} has no machine "${wrong}"`, {
          hint: guess ?? `it has ${[...known.keys()].join(', ') || 'none'}`,
        });
      }
    }
  }
  const only = words.length === 1 ? await findOwn(homeOf(context), undefined, words[0]!) : undefined;
  if (only) return { requests: [{ spec: specOfRecord(only) }] };
  if (words.length !== 1) {
    throw new KilnError(
      'bad-usage',
      words.length === 0
        ? 'there is no kiln.yaml and no Vagrantfile here'
        : 'only one image at a time can be brought up',
      {
        hint: 'name an image, as in `kiln up debian/12`, or change into a folder with a kiln.yaml or a Vagrantfile',
      },
    );
  }
  return { requests: [{ spec: specFromImage(words[0]!, options, context) }] };
}

/** A machine straight from an image is one of a kiln.yaml that the command line stands for, with all its checks. */
function specFromImage(image: string, options: UpOptions, context: CliContext): MachineSpec {
  const isFile = !/^[a-z]+:\/\//.test(image) && existsSync(resolve(context.cwd, image));
  const from = isFile && !/^(?:\.{0,2}\/|~\/)/.test(image) ? `./${image}` : image;
  const name = options.name ?? nameFromImage(image);
  if (/^https?:\/\//i.test(image) && options.checksum === undefined) {
    throw new KilnError('bad-usage', 'an image from a URL needs a checksum', {
      hint: 'give --checksum sha256:…, or --checksum none to take whatever comes',
    });
  }
  const secret = options.key ?? (context.env['KILN_SSH_PASSWORD'] || undefined);
  if ((isFile || image.includes('://')) && (options.user === undefined || secret === undefined)) {
    throw new KilnError('bad-usage', 'Kiln does not know how to log in to this image', {
      hint: 'give --user with --key, or the password in the environment variable KILN_SSH_PASSWORD',
    });
  }
  const ssh = { user: options.user, password: context.env['KILN_SSH_PASSWORD'], key: options.key };
  const entry = {
    from,
    memory: options.memory,
    cpus: options.cpus,
    disk: options.disk,
    firmware: options.firmware,
    checksum: options.checksum,
    ...(options.port.length === 0 ? {} : { ports: withHostPorts(options.port) }),
    ...(Object.values(ssh).some((value) => value !== undefined) ? { ssh } : {}),
  };
  const { plan, diagnostics } = readKilnYaml({
    file: resolve(context.cwd, 'command-line'),
    text: JSON.stringify({ kiln: 1, machines: { [name]: entry } }),
    variables: {},
    env: context.env,
    hostCpus: availableParallelism(),
  });
  if (plan) return plan.machines[0]!;
  const problem = new DiagnosticsError(diagnostics).diagnostics.find((one) => one.severity === 'error')!;
  throw new KilnError('bad-usage', problem.message, problem.hint === undefined ? {} : { hint: problem.hint });
}

/** `80` means any free port of this host, near 80's usual stand-in. */
function withHostPorts(texts: readonly string[]): readonly string[] {
  const taken = new Set(texts.flatMap((text) => /(\d+):\d+(?:\/\w+)?$/.exec(text)?.[1] ?? []).map(Number));
  return texts.map((text) => {
    if (!/^\d+(?:\/\w+)?$/.test(text)) return text;
    let host = 8000 + (Number.parseInt(text, 10) % 1000);
    while (taken.has(host)) host++;
    taken.add(host);
    return `${host}:${text}`;
  });
}

function nameFromImage(image: string): string {
  const base = basename(image.replace(/[?#].*$/, '')).replace(/\.(?:qcow2|img|raw|vmdk|vhdx?|vdi)$/i, '');
  const whole = /^(?:debian|ubuntu)\//.test(image) ? image : base;
  const name = whole
    .split(':')[0]!
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name.slice(0, 63) || 'machine';
}

const words = {
  created: 'is up',
  started: 'is up',
  resumed: 'runs again',
  'was-running': 'was up already',
} as const;

function whatCameOf({ record, what }: UpOutcome): string {
  const ports = record.ports.map((port) => `${port.hostAddress}:${port.host} -> ${port.guest}`).join(', ');
  return `${words[what]}${ports ? ` (${ports})` : ''}`;
}

function describe(
  outcome: UpOutcome,
  stream: Stream,
  verbose: boolean,
  { isLive }: Pick<MachineProgress, 'isLive'>,
): void {
  const { record, start } = outcome;
  if (!isLive) stream.line(`${record.name} ${whatCameOf(outcome)}`);
  if (!verbose || start === undefined) return;
  stream.line(
    start.kind === 'warm'
      ? `  ${record.name} began as a copy of a machine that was booted before`
      : `  ${record.name} was booted: ${start.why}`,
  );
}

function hintAtLogin(outcomes: readonly UpOutcome[], context: CliContext): void {
  const only = outcomes.length === 1 ? outcomes[0]!.record : undefined;
  if (!only) return;
  context.stderr.line(`Log in with: kiln ssh ${only.name}`);
  const { serialLog } = machineFiles(homeOf(context), only.id);
  if (!context.stderr.isTerminal) context.stderr.line(`Its console: ${serialLog}`);
}
