import { kilnHome } from '../base/home.ts';
import type { Source } from '../plan/source.ts';
import { fileHost } from './file.ts';
import type { Host, HostContext, StartedMachine } from './host.ts';
import { nullHost } from './null.ts';
import { qemuHost } from './qemu/qemu-host.ts';

/** Mistakes of a source that can be known before anything is made. */
export function checkSource(source: Source, home: string = kilnHome()): Promise<readonly string[]> {
  return withHost(source, home, (host, own) => host.check(own));
}

/** Makes the machine of a source; see `Host.start`. */
export function startSource(
  source: Source,
  context: HostContext,
  home: string = kilnHome(),
): Promise<StartedMachine> {
  return withHost(source, home, (host, own) => host.start(own, context));
}

function withHost<T>(source: Source, home: string, use: <S>(host: Host<S>, source: S) => T): T {
  switch (source.kind) {
    case 'qemu':
      return use(qemuHost(home), source);
    case 'null':
      return use(nullHost, source);
    case 'file':
      return use(fileHost, source);
  }
}
