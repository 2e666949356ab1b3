import type { MachineState } from '../../../machines/machine-record.ts';

/** States of machines as scripts know them from Vagrant with VirtualBox. */
export type StateId = 'not_created' | 'running' | 'saved' | 'poweroff';

export interface StateWords {
  readonly id: string;
  readonly short: string;
  readonly long: string;
}

const byState: Readonly<Record<MachineState | 'not-created', StateWords & { readonly id: StateId }>> = {
  'not-created': {
    id: 'not_created',
    short: 'not created',
    long: 'The machine does not exist yet. `vagrant up` makes it.',
  },
  running: {
    id: 'running',
    short: 'running',
    long: 'The machine is running. `vagrant halt` shuts it down, `vagrant suspend` keeps its memory for later, and `vagrant destroy` removes it.',
  },
  suspended: {
    id: 'saved',
    short: 'saved',
    long: 'The machine is suspended. `vagrant resume` or `vagrant up` lets it go on where it was.',
  },
  halted: {
    id: 'poweroff',
    short: 'poweroff',
    long: 'The machine is off. `vagrant up` starts it.',
  },
};

export function stateWords(state: MachineState | 'not-created'): StateWords & { readonly id: StateId } {
  return byState[state];
}

/** A machine that the real Vagrant made: what it last wrote down. */
export function foreignState(state: string, provider: string): StateWords {
  return {
    id: state.replaceAll(' ', '_'),
    short: state,
    long: `This machine was made by Vagrant with ${provider}. Kiln shows it and leaves it alone.`,
  };
}
