import type { EmitEvent } from '../base/events.ts';
import type { ImageResolver } from '../sources/image-resolver.ts';
import type { Store } from '../store/store.ts';

/** What the lifecycle of machines works with. */
export interface MachineServices {
  readonly home: string;
  readonly store: Store;
  readonly images: ImageResolver;
  readonly emit: EmitEvent;
  readonly signal: AbortSignal;
}

/** Tells people what happens to one machine. */
export function tell(services: Pick<MachineServices, 'emit'>, machine: string, text: string): void {
  services.emit({ kind: 'message', build: machine, level: 'info', text });
}
