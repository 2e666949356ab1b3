import { defineCommand, defineGroup, defineOptions } from '../command.ts';
import { fileOption, machinesArgument } from './machine-names.ts';

const nameArgument = {
  name: 'NAME',
  description: 'Name of the snapshot. With two words the first is the machine.',
  required: true,
} as const;

const secondWord = {
  name: 'NAME',
  description: 'Name of the snapshot, when the first word is the machine.',
} as const;

export const snapshotSaveOptions = defineOptions({
  ...fileOption,
  force: { type: 'flag', description: 'Put it in the place of one of the same name.' },
});

const save = defineCommand({
  name: 'save',
  summary: 'Keep a machine as it is now',
  description:
    'Of a machine that runs, memory is kept too: it stops for about a second, and going back takes no longer. Of one that is off, the disks are kept. Without a machine, all machines of this project are kept under the name.',
  options: snapshotSaveOptions,
  arguments: [{ ...nameArgument, name: 'MACHINE-OR-NAME' }, secondWord],
  examples: [
    { command: 'kiln snapshot save before-upgrade', explanation: 'all machines of this project' },
    { command: 'kiln snapshot save web clean', explanation: 'one machine' },
  ],
  load: () => import('../actions/snapshot-save.ts'),
});

export const snapshotRestoreOptions = defineOptions({
  ...fileOption,
  'no-start': { type: 'flag', description: 'Only the disks; the machine is off afterwards.' },
});

const restore = defineCommand({
  name: 'restore',
  summary: 'Take a machine back to a snapshot',
  description: 'What the machine did since then is lost.',
  options: snapshotRestoreOptions,
  arguments: [{ ...nameArgument, name: 'MACHINE-OR-NAME' }, secondWord],
  examples: [{ command: 'kiln snapshot restore web clean', explanation: 'back to where it was' }],
  load: () => import('../actions/snapshot-restore.ts'),
});

export const snapshotListOptions = defineOptions({
  ...fileOption,
  json: { type: 'flag', description: 'Write them as JSON.' },
});

const list = defineCommand({
  name: 'list',
  summary: 'List the snapshots of machines',
  options: snapshotListOptions,
  arguments: [machinesArgument],
  examples: [{ command: 'kiln snapshot list', explanation: 'of all machines of this project' }],
  load: () => import('../actions/snapshot-list.ts'),
});

export const snapshotDeleteOptions = defineOptions({ ...fileOption });

const remove = defineCommand({
  name: 'delete',
  summary: 'Forget a snapshot',
  options: snapshotDeleteOptions,
  arguments: [{ ...nameArgument, name: 'MACHINE-OR-NAME' }, secondWord],
  examples: [{ command: 'kiln snapshot delete web clean', explanation: 'its room is used again' }],
  load: () => import('../actions/snapshot-delete.ts'),
});

export const snapshotPushOptions = defineOptions({ ...fileOption });

const push = defineCommand({
  name: 'push',
  summary: 'Keep a machine as it is now, for `pop`',
  options: snapshotPushOptions,
  arguments: [machinesArgument],
  examples: [{ command: 'kiln snapshot push', explanation: 'before you try something' }],
  load: () => import('../actions/snapshot-push.ts'),
});

export const snapshotPopOptions = defineOptions({
  ...fileOption,
  'no-delete': { type: 'flag', description: 'Keep the snapshot.' },
  'no-start': { type: 'flag', description: 'Only the disks; the machine is off afterwards.' },
});

const pop = defineCommand({
  name: 'pop',
  summary: 'Take a machine back to what was pushed last, and forget that',
  options: snapshotPopOptions,
  arguments: [machinesArgument],
  examples: [{ command: 'kiln snapshot pop', explanation: 'undo what you have tried' }],
  load: () => import('../actions/snapshot-pop.ts'),
});

export const snapshotCommand = defineGroup({
  name: 'snapshot',
  summary: 'Keep states of machines, and go back to them',
  commands: [save, restore, list, remove, push, pop],
});
