import type { RawPlace } from '../ruby/messages.ts';
import type { RawTrigger } from '../ruby/raw-result.ts';
import { shellSettings } from '../settings/provisioner-settings.ts';
import { triggerSettings } from '../settings/vm-settings.ts';
import type { Options, VagrantTrigger } from '../vagrant-config.ts';
import { checkShell } from './check-provisioners.ts';
import { finishSection, isTruthy, mapOf, textsOf } from './coerce.ts';
import { shellValues } from './finish-provisioners.ts';
import type { MachineContext } from './machine-context.ts';

export function finishTriggers(raw: readonly RawTrigger[], context: MachineContext): VagrantTrigger[] {
  return raw.map((one) => finishTrigger(one, context));
}

function finishTrigger(raw: RawTrigger, context: MachineContext): VagrantTrigger {
  const { problems } = context;
  const { place } = raw;
  const values = finishSection(raw, triggerSettings, 'a trigger', context);
  const { type } = values;
  if (type !== 'action' && type !== 'command' && type !== 'hook') {
    problems.error(place, `triggers are of type action, command or hook, not ${type}`);
  }
  if (values.on_error !== 'halt' && values.on_error !== 'continue') {
    problems.error(place, `a trigger's \`on_error\` is :halt or :continue, not ${values.on_error}`);
  }
  const codes = values.exit_codes;
  if (!codes.every((code) => typeof code === 'number')) {
    problems.error(place, "a trigger's `exit_codes` are whole numbers");
  }
  const ruby = mapOf(values.ruby)['ruby'] as [string, number] | undefined;
  return {
    command: String(raw.command),
    at: problems.at(place),
    type: type === 'command' || type === 'hook' ? type : 'action',
    name: values.name ?? undefined,
    info: values.info ?? undefined,
    warn: values.warn ?? undefined,
    onError: values.on_error === 'continue' ? 'continue' : 'halt',
    ignore: textsOf(values.ignore),
    onlyOn: values.only_on === null ? undefined : values.only_on.map(machinePattern),
    run: script(values.run, place, 'run', context),
    runRemote: script(values.run_remote, place, 'run_remote', context),
    exitCodes: codes.length === 0 ? [0] : codes.filter((code) => typeof code === 'number'),
    abort: abortCode(values.abort, place, context),
    ruby,
  };
}

function machinePattern(value: unknown): string | { regexp: string; options: number } {
  const { regexp, options } = mapOf(value);
  return typeof regexp === 'string' ? { regexp, options: Number(options) } : String(value);
}

/** Scripts of triggers take what the shell provisioner takes; on the host nothing is run with more rights. */
function script(
  value: unknown,
  place: RawPlace | null,
  name: string,
  context: MachineContext,
): Options | undefined {
  if (!isTruthy(value)) return undefined;
  const given = mapOf(value);
  const section = { settings: given, places: {}, unknown: unknownOf(given, place), calls: [] };
  const values = finishSection(section, shellSettings, `a trigger's ${name}`, context);
  const finished: Options = {
    ...values,
    ...shellValues(values),
    ...(name === 'run' && {
      privileged: given['privileged'] ?? false,
      powershell_args: given['powershell_args'] ?? '',
    }),
  };
  checkShell(finished, place, context);
  if (name === 'run' && given['privileged'] === true) {
    context.problems.warn(
      place,
      'a trigger on the host runs with your own rights: `privileged` has no effect',
    );
  }
  return finished;
}

function unknownOf(given: Options, place: RawPlace | null): Record<string, RawPlace | null> {
  const names = Object.keys(given).filter((name) => !(name in shellSettings));
  return Object.fromEntries(names.map((name) => [name, place]));
}

function abortCode(value: unknown, place: RawPlace | null, { problems }: MachineContext): number | undefined {
  if (value === true) return 1;
  if (typeof value === 'number') return value;
  if (value === false) problems.warn(place, "a trigger's `abort: false` does nothing");
  else if (value !== null) problems.error(place, "a trigger's `abort` is true or an exit code");
  return undefined;
}
