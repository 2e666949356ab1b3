import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { exitCode } from '../../../base/processes.ts';
import { textOr, textsOf } from '../../../dialects/vagrant/finish/coerce.ts';
import type { VagrantPush } from '../../../dialects/vagrant/vagrant-config.ts';
import type { Session } from '../session.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { VagrantError } from '../vagrant-error.ts';

/** https://developer.hashicorp.com/vagrant/docs/push */
export const pushCommand = defineVagrantCommand({
  operands: '[strategy] [options]',
  flags: {},
  run: async ({ args }, session) => {
    const { pushes } = (await session.project()).config;
    const names = Object.keys(pushes);
    if (names.length === 0) {
      throw new VagrantError('PushesNotDefined', 'the Vagrantfile has no config.push.define');
    }
    const name = args[0] ?? (names.length === 1 ? names[0]! : undefined);
    if (name === undefined) {
      throw new VagrantError('PushStrategyNotProvided', `say which of ${names.join(', ')} is meant`);
    }
    const push = Object.hasOwn(pushes, name) ? pushes[name] : undefined;
    if (push === undefined) {
      throw new VagrantError(
        'PushStrategyNotDefined',
        `there is no push ${name}`,
        `there is ${names.join(', ')}`,
      );
    }
    return doPush(push, session);
  },
});

async function doPush({ strategy, settings }: VagrantPush, session: Session): Promise<number> {
  if (strategy === 'noop') return 0;
  if (strategy !== 'local-exec') {
    throw new VagrantError(
      'Kiln::Errors::PushUnsupported',
      `Kiln does not push with ${strategy}`,
      'use local-exec with a program that does, such as rsync, lftp or git push',
    );
  }
  const { folder } = session.neededPlace;
  const [inline, script] = [textOr(settings['inline']), textOr(settings['script'])];
  const args = settings['args'] === undefined || settings['args'] === null ? [] : textsOf(settings['args']);
  // The program takes the command's place, as with Vagrant: its exit code is the command's.
  const child =
    inline === undefined
      ? spawn(resolve(folder, script ?? ''), args, { cwd: folder, stdio: 'inherit' })
      : spawn('/bin/bash', ['-c', inline, 'bash', ...args], { cwd: folder, stdio: 'inherit' });
  return exitCode(child, script ?? '/bin/bash');
}
