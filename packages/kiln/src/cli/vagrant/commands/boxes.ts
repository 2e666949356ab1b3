import type { VagrantCommandGroup } from '../vagrant-command.ts';

/** `vagrant box`: what is kept in Vagrant's home, for both. */
export const boxGroup: VagrantCommandGroup = {
  exitCode: 0,
  commands: {
    add: { summary: 'get a box', load: async () => (await import('./box/add.ts')).addCommand },
    list: {
      summary: 'show the boxes that are here',
      load: async () => (await import('./box/list.ts')).listCommand,
    },
    outdated: {
      summary: 'see whether there are newer ones',
      load: async () => (await import('./box/outdated.ts')).outdatedCommand,
    },
    prune: {
      summary: 'remove old versions',
      load: async () => (await import('./box/prune.ts')).pruneCommand,
    },
    remove: { summary: 'remove a box', load: async () => (await import('./box/remove.ts')).removeCommand },
    repackage: {
      summary: 'write a box that is here to a file',
      load: async () => (await import('./box/repackage.ts')).repackageCommand,
    },
    update: {
      summary: 'get newer versions',
      load: async () => (await import('./box/update.ts')).updateCommand,
    },
  },
};
