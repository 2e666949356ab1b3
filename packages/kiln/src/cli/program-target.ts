import { KilnError } from '../base/errors.ts';
import type { MachineTarget } from './machine-target.ts';

/** Machines that are reached through programs of this host. */
export type ProgramTarget = Extract<MachineTarget, { kind: 'ssh' | 'docker' }>;

/** For people. */
export function describeTarget(target: ProgramTarget): string {
  if (target.kind === 'docker') return `the container ${target.container}`;
  return `${target.user === undefined ? '' : `${target.user}@`}${target.host}`;
}

/** Why the first command in a target did not work, from what the program said. */
export function refusal(target: ProgramTarget, description: string, words: string): KilnError {
  const said = words === '' ? '' : `: ${words}`;
  if (target.kind === 'docker') {
    return new KilnError('not-found', `no command can be run in ${description}${said}`, {
      hint: 'the container has to run; `docker ps` lists those that do',
    });
  }
  if (/permission denied|host key verification failed/i.test(words)) {
    return new KilnError('guest-login-refused', `${description} refused the login${said}`, {
      hint: `log in once with \`ssh ${description}\`: keys, known hosts and ~/.ssh/config are those of the ssh program`,
    });
  }
  return new KilnError('guest-unreachable', `${description} cannot be reached${said}`, {
    hint: `try \`ssh ${description}\``,
  });
}
