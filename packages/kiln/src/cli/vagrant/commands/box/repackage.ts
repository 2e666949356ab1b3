import { resolve } from 'node:path';
import { membersOf, packBox } from '../../../../store/boxes/pack-box.ts';
import { listBoxes } from '../../../../store/boxes/stored-boxes.ts';
import { Run } from '../../../../store/run.ts';
import { defineVagrantCommand } from '../../vagrant-command.ts';
import { VagrantError } from '../../vagrant-error.ts';
import { withBoxes } from './with-boxes.ts';

export const repackageCommand = defineVagrantCommand({
  operands: '<name> <provider> <version>',
  flags: {},
  arguments: { min: 3, max: 3 },
  run: async ({ args }, session) => {
    const [name = '', provider = '', version = ''] = args;
    const boxes = await listBoxes(session.vagrantHome);
    const box = boxes.find(
      (one) => one.name === name && one.provider === provider && one.version === version,
    );
    if (box === undefined) {
      throw new VagrantError(
        'BoxNotFoundWithProviderAndVersion',
        `there is no box ${name} (${provider}, ${version}) here`,
      );
    }
    const target = resolve(session.context.cwd, await outputName(session));
    await withBoxes(session, async ({ signal }) => {
      const run = await Run.open(session.home);
      try {
        const members = await membersOf(box.folder);
        await packBox(
          target,
          members.filter(({ name: file }) => file !== 'box_update_check'),
          { run, signal },
        );
      } finally {
        await run.close();
      }
    });
    return 0;
  },
});

/** `config.package.name`, where there is a Vagrantfile that says it. */
async function outputName(session: Parameters<typeof repackageCommand.run>[1]): Promise<string> {
  if (session.place === undefined) return 'package.box';
  const { machines } = (await session.project()).config;
  return machines[0]?.package.name ?? 'package.box';
}
