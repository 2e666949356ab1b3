import type { ShellLocalStep, Step } from '../../../plan/step.ts';
import type { Trigger } from '../../../plan/trigger.ts';
import { isTruthy, textOr, textsOf } from '../finish/coerce.ts';
import type { Options, VagrantTrigger } from '../vagrant-config.ts';
import { javascriptPattern } from './javascript-pattern.ts';
import { onHost, type Planning } from './planning.ts';
import { shellSteps } from './provisioners/shell.ts';
import { shellWords } from './shell-words.ts';

/** https://developer.hashicorp.com/vagrant/docs/triggers/configuration */
export function planTriggers(planning: Planning): readonly Trigger[] {
  const { before, after } = planning.machine.triggers;
  return [
    ...before.flatMap((one) => planTrigger('before', one, planning)),
    ...after.flatMap((one) => planTrigger('after', one, planning)),
  ];
}

/** Hooks are parts of Vagrant's own code. Those that are called so are the work on a machine, which an action is, too. */
const hookOfAction = /^machine_action_([a-z_]+)$/;

function planTrigger(when: Trigger['when'], trigger: VagrantTrigger, planning: Planning): readonly Trigger[] {
  const { name, info, warn, onError, ignore, exitCodes, abort, ruby, at } = trigger;
  const hooked = trigger.type === 'hook' ? hookOfAction.exec(trigger.command)?.[1] : undefined;
  if (trigger.type === 'hook' && hooked === undefined) {
    planning.warn(
      `the trigger ${when} ${trigger.command} is never run: only Vagrant has this hook; use a command, such as :up, or the hook :machine_action_up`,
      at,
    );
    return [];
  }
  const command = hooked ?? trigger.command;
  const type = trigger.type === 'command' ? 'command' : 'action';
  const run = trigger.run && localStep(trigger.run, trigger, planning);
  const remote = trigger.runRemote && remoteStep(trigger.runRemote, trigger, planning);
  const planned: Trigger = {
    when,
    command,
    type,
    ...(name !== undefined && { name }),
    ...(info !== undefined && { info }),
    ...(warn !== undefined && { warn }),
    ...(run !== undefined && { run }),
    ...(remote !== undefined && { runRemote: remote }),
    ...(ruby !== undefined && { code: ruby }),
    onError,
    exitCodes,
    ignore,
    ...(trigger.onlyOn !== undefined && {
      onlyOn: trigger.onlyOn.map((one) => (typeof one === 'string' ? one : javascriptPattern(one))),
    }),
    ...(abort !== undefined && { abort }),
    at,
  };
  return [planned];
}

/** What runs on the host is a program with its arguments: no shell reads them. */
function localStep(
  settings: Options,
  { exitCodes, at }: VagrantTrigger,
  planning: Planning,
): ShellLocalStep | undefined {
  const inline = textOr(settings['inline']);
  const path = textOr(settings['path']);
  const given = settings['args'];
  const more = Array.isArray(given) ? given.map(String) : [textOr(given) ?? ''];
  const words =
    inline === undefined
      ? path === undefined
        ? []
        : [onHost(planning, path), ...more.flatMap(shellWords)]
      : shellWords(inline);
  if (words.length === 0) {
    planning.warn('a trigger has nothing to run', at);
    return undefined;
  }
  return {
    kind: 'shell-local',
    script: { kind: 'inline', lines: [] },
    inlineShebang: '/bin/sh',
    environment: [],
    environmentFormat: '',
    executeCommand: words,
    validExitCodes: exitCodes,
    tempfileExtension: '',
    onlyOn: [],
    pauseBefore: 0,
    timeout: 0,
    maxRetries: 0,
    at,
  };
}

function remoteStep(settings: Options, trigger: VagrantTrigger, planning: Planning): Step | undefined {
  const [step, ...more] = shellSteps(settings, trigger.at, planning);
  if (more.length > 0 || isTruthy(settings['reset'])) {
    planning.warn(
      'a trigger does not restart the machine: reboot and reset have no effect there',
      trigger.at,
    );
  }
  if (step?.kind !== 'shell') return undefined;
  return { ...step, validExitCodes: textsOf(trigger.exitCodes).map(Number) };
}
