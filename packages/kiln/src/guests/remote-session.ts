import type { ClientChannel } from 'ssh2';
import type { GuestExit } from './guest.ts';

/**
 * A command's channel with what is known of its end. Made in the very callback that gives the channel: the end of a
 * short command comes in the same packet as its start, before anything that awaits could listen.
 */
export class RemoteSession {
  readonly channel: ClientChannel;
  /** Settles when the channel is gone. Never rejects. */
  readonly closed: Promise<GuestExit>;
  /** How the command ended, once that is known; its output may still be on the way. */
  exit: GuestExit | undefined;
  /** Called when `exit` becomes known. */
  onExit: () => void = () => {};

  constructor(channel: ClientChannel) {
    this.channel = channel;
    channel.on('error', () => {}); // writing to a command that has ended is no error of ours
    channel.once('exit', (code: number | null, name?: string) => {
      this.exit =
        typeof code === 'number'
          ? { kind: 'exited', code }
          : { kind: 'signalled', signal: name ?? 'an unknown signal' };
      this.onExit();
    });
    this.closed = new Promise((resolve) => {
      channel.once('close', () => resolve(this.exit ?? { kind: 'disconnected' }));
    });
  }
}
