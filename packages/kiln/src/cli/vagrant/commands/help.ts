import { defineVagrantCommand } from '../vagrant-command.ts';

export const helpCommand = defineVagrantCommand({
  operands: '[command]',
  flags: {},
  run: async ({ args }, session) => {
    const { dispatch } = await import('../run-vagrant.ts');
    return dispatch(args[0] === undefined ? [] : [args[0], '-h'], undefined, session);
  },
});
