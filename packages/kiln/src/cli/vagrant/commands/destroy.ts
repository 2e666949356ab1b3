import { sleep } from '../../../base/cancellation.ts';
import { forgetDestroyed } from '../../../machines/settle-surroundings.ts';
import { destroyMachine, haltMachine } from '../../../machines/stop-machine.ts';
import { askYesNo } from '../ask.ts';
import { onTargets } from '../machine-work.ts';
import { checkForeign, selectTargets, type Target, tellMissing } from '../targets.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';

/** Time to think again, in milliseconds. */
const warningTime = 5000;

export const destroyCommand = defineVagrantCommand({
  operands: '[options] [name|id]',
  flags: {
    force: { type: 'switch', short: 'f', description: 'Do not ask.' },
    parallel: { type: 'switch', forms: 'both', description: 'Several machines at once, without asking.' },
    graceful: { type: 'switch', short: 'g', description: 'Shut machines down before they are removed.' },
  },
  run: async ({ flags, args }, session) => {
    let isForced = flags.force ?? false;
    if (flags.parallel && !isForced) {
      session.ui.warn('With --parallel nothing is asked: machines are removed in five seconds.');
      await sleep(warningTime);
      isForced = true;
    }
    const targets = await selectTargets(session, args, { reverse: true });
    const there: Target[] = [];
    for (const target of targets) {
      checkForeign(target);
      if (target.record !== undefined) there.push(target);
      else tellMissing(target, 'destroy');
    }
    const agreed: Target[] = [];
    for (const target of there) {
      if (isForced || (await isAgreed(target))) agreed.push(target);
      else target.ui.info('is kept');
    }
    await onTargets(
      session,
      agreed,
      {
        action: 'destroy',
        parallel: flags.parallel ?? false,
        afterAll: (services) =>
          forgetDestroyed(
            services,
            agreed.map(({ record }) => record!),
          ),
      },
      async (services, { record, ui }) => {
        if (flags.graceful) await haltMachine(services, record!, { force: false });
        await destroyMachine(services, record!);
        ui.output('is removed');
      },
    );
    const declined = there.length - agreed.length;
    if (declined === 0) return 0;
    return declined === targets.length ? 1 : 2;
  },
});

async function isAgreed({ session, name }: Target): Promise<boolean> {
  return askYesNo(session, `    ${name}: Remove the machine '${name}' with all that is in it? [y/N] `);
}
