import type { VagrantDiagnostic } from '../../dialects/vagrant/finish/machine-problems.ts';
import type { VagrantMachine } from '../../dialects/vagrant/vagrant-config.ts';
import { type MachineRecord, machineState } from '../../machines/machine-record.ts';
import type { MachineSpec } from '../../plan/machine-spec.ts';
import type { VagrantProject } from '../load-vagrantfile.ts';
import type { Session } from './session.ts';
import { entryByPrefix } from './state/machine-index.ts';
import { foreignState, type StateWords, stateWords } from './state/state-names.ts';
import { VagrantError } from './vagrant-error.ts';
import type { VagrantUi } from './vagrant-ui.ts';

/** A machine that a command is about. */
export interface Target {
  readonly name: string;
  readonly ui: VagrantUi;
  /** That of the machine's own project. */
  readonly session: Session;
  readonly project: VagrantProject;
  readonly config: VagrantMachine;
  /** What the machine is to be; undefined when it cannot be made. */
  readonly spec: MachineSpec | undefined;
  /** What is wrong with its configuration. */
  readonly errors: readonly VagrantDiagnostic[];
  readonly warnings: readonly VagrantDiagnostic[];
  readonly provider: string;
  /** The provider that was asked for. */
  readonly requested: string | undefined;
  /** Kiln's machine, when there is one. */
  readonly record: MachineRecord | undefined;
  /** The real Vagrant made a machine of that name. */
  readonly isForeign: boolean;
  readonly state: StateWords;
}

export interface TargetOptions {
  readonly provider?: string | undefined;
  /** One machine is needed: the primary one when several are meant. */
  readonly single?: boolean;
  readonly reverse?: boolean;
}

/**
 * The machines that words mean: names, beginnings of ids in the index, `/patterns/`; all of the project without words. A
 * machine of this project goes before an id that begins like its name.
 * @throws VagrantError
 */
export async function selectTargets(
  session: Session,
  words: readonly string[],
  options: TargetOptions = {},
): Promise<readonly Target[]> {
  const { provider } = options;
  const targets: Target[] = [];
  for (const word of words) {
    const pattern = /^\/(.+?)\/$/.exec(word)?.[1];
    if (pattern !== undefined) {
      const matching = (await namesOf(session, provider)).filter((name) => patternOf(pattern).test(name));
      for (const name of matching) targets.push(await targetOf(session, name, provider));
      if (targets.length === 0) {
        throw new VagrantError('VMNoMatchError', `no machine has a name that matches ${word}`);
      }
    } else targets.push(await targetByWord(session, word, provider));
  }
  if (words.length === 0) {
    for (const name of await namesOf(session, provider))
      targets.push(await targetOf(session, name, provider));
  }
  if (options.single && targets.length !== 1) return [await primaryTarget(session, provider)];
  return options.reverse ? targets.toReversed() : targets;
}

/** @throws VagrantError as `selectTargets` */
export async function selectOne(session: Session, words: readonly string[]): Promise<Target> {
  const [target] = await selectTargets(session, words, { single: true });
  return target!;
}

async function namesOf(session: Session, provider: string | undefined): Promise<readonly string[]> {
  return (await session.project(provider)).config.machines.map(({ name }) => name);
}

async function primaryTarget(session: Session, provider: string | undefined): Promise<Target> {
  const { primary } = (await session.project(provider)).config;
  if (primary !== undefined) return targetOf(session, primary, provider);
  throw new VagrantError(
    'MultiVMTargetRequired',
    'this is done to one machine, and the project has several',
    'name one, or give one of them `primary: true`',
  );
}

async function targetByWord(session: Session, word: string, provider: string | undefined): Promise<Target> {
  if (session.place !== undefined && (await namesOf(session, provider)).includes(word)) {
    return targetOf(session, word, provider);
  }
  const entry = entryByPrefix(session.index, word);
  if (entry !== undefined) {
    const other = session.at(entry.vagrantfile_path, entry.vagrantfile_name?.[0]);
    return targetOf(other, entry.name, undefined);
  }
  // Says that there is no project, where there is none.
  session.neededPlace;
  throw new VagrantError(
    'MachineNotFound',
    `there is no machine ${word} in this project`,
    `it has ${(await namesOf(session, provider)).join(', ')}`,
  );
}

function patternOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    throw new VagrantError('VMNoMatchError', `/${pattern}/ is no pattern`);
  }
}

async function targetOf(session: Session, name: string, provider: string | undefined): Promise<Target> {
  const project = await session.project(provider);
  const config = project.config.machines.find((machine) => machine.name === name);
  if (config === undefined) {
    throw new VagrantError('MachineNotFound', `${session.neededPlace.file} has no machine ${name}`);
  }
  const record = (await session.records()).find((one) => one.name === name);
  const folder = session.folders.find((one) => one.name === name && one.owner?.kind === 'vagrant');
  const isForeign = record === undefined && folder !== undefined;
  const used = isForeign ? folder.provider : config.provider;
  if (provider !== undefined && (record !== undefined || isForeign) && provider !== used) {
    throw new VagrantError(
      'ActiveMachineWithDifferentProvider',
      `the machine ${name} is there already, with the provider ${used}`,
      `destroy it first to make it with ${provider}`,
    );
  }
  const own = project.diagnostics.filter(({ machine }) => machine === name || machine === undefined);
  const ui = session.ui.of(name);
  session.tellProvider(name, used);
  return {
    name,
    ui,
    session,
    project,
    config,
    spec: project.machines.find((one) => one.name === name),
    errors: own.filter(({ severity }) => severity === 'error'),
    warnings: own.filter(({ severity }) => severity === 'warning'),
    provider: used,
    requested: provider,
    record,
    isForeign,
    state: isForeign
      ? foreignState(lastState(session, name, used), used)
      : stateWords(record === undefined ? 'not-created' : await machineState(session.home, record.id)),
  };
}

/** The same machine, as its project is read now. */
export function again({ session, name, requested }: Target): Promise<Target> {
  return targetOf(session, name, requested);
}

function lastState(session: Session, name: string, provider: string): string {
  const folder = session.place?.folder;
  const known = Object.values(session.index).find(
    (entry) => entry.name === name && entry.provider === provider && entry.vagrantfile_path === folder,
  );
  return known?.state ?? 'unknown';
}

/** Machines of the real Vagrant are shown and not touched. @throws VagrantError */
export function checkForeign({ name, isForeign, provider }: Target): void {
  if (!isForeign) return;
  throw new VagrantError(
    'Kiln::Errors::ForeignMachine',
    `the machine ${name} was made by Vagrant with ${provider}; Kiln leaves it alone`,
    'use the real vagrant for it, or destroy it there and bring it up here',
  );
}

/** The machine's configuration has to be right for what follows. @throws VagrantError `ConfigInvalid` */
export function checkConfiguration(target: Target): void {
  checkForeign(target);
  const { errors, name } = target;
  if (errors.length === 0) return;
  const lines = errors.map(
    ({ at, message, hint }) => `* ${at.file}:${at.line}: ${message}${hint ? ` (${hint})` : ''}`,
  );
  throw new VagrantError(
    'ConfigInvalid',
    `the configuration of ${name} has mistakes:\n\n${lines.join('\n')}`,
  );
}

/** Says that there is nothing to be done, as the action that finds that out. */
export function tellMissing({ ui }: Target, action: string): void {
  ui.machine('action', action, 'start');
  ui.info('does not exist yet; `vagrant up` makes it');
  ui.machine('action', action, 'end');
}

/** @throws VagrantError `VMNotCreatedError` */
export function neededRecord(target: Target): MachineRecord {
  if (target.record !== undefined) return target.record;
  checkForeign(target);
  throw new VagrantError(
    'VMNotCreatedError',
    `the machine ${target.name} does not exist yet`,
    '`vagrant up` makes it',
  );
}
