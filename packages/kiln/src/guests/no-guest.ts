import { KilnError } from '../base/errors.ts';
import type { Guest } from './guest.ts';

/**
 * The guest of a machine that cannot be talked to. Every call fails; closing does nothing.
 * @param reason why there is no guest, such as `the communicator is "none"`
 */
export function noGuest(reason: string): Guest {
  const refuse = async (what: string): Promise<never> => {
    throw new KilnError('unsupported', `cannot ${what} inside the machine: ${reason}`, {
      hint: 'set a communicator such as ssh, or take the step out',
    });
  };
  return {
    kind: 'none',
    exec: () => refuse('run a command'),
    upload: (file) => refuse(`write ${file.to}`),
    uploadTree: (_from, to) => refuse(`write ${to}`),
    download: (from) => refuse(`read ${from}`),
    downloadTree: (from) => refuse(`read ${from}`),
    close: async () => {},
  };
}
