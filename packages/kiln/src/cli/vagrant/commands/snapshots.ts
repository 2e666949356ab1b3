import type { VagrantCommandGroup } from '../vagrant-command.ts';

/** `vagrant snapshot`: states of machines that they can go back to. */
export const snapshotGroup: VagrantCommandGroup = {
  exitCode: 1,
  commands: {
    delete: {
      summary: 'forget a snapshot',
      load: async () => (await import('./snapshot/delete.ts')).deleteCommand,
    },
    list: {
      summary: 'show the snapshots of machines',
      load: async () => (await import('./snapshot/list.ts')).listCommand,
    },
    pop: {
      summary: 'go back to the last snapshot that was pushed',
      load: async () => (await import('./snapshot/pop.ts')).popCommand,
    },
    push: {
      summary: 'take a snapshot without a name',
      load: async () => (await import('./snapshot/push.ts')).pushCommand,
    },
    restore: {
      summary: 'go back to a snapshot',
      load: async () => (await import('./snapshot/restore.ts')).restoreCommand,
    },
    save: { summary: 'take a snapshot', load: async () => (await import('./snapshot/save.ts')).saveCommand },
  },
};
