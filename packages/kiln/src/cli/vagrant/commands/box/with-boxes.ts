import { type BoxServices, boxServices } from '../../../../sources/boxes/box-services.ts';
import { withMachineServices } from '../../../actions/with-machines.ts';
import type { Session } from '../../session.ts';
import { vagrantRenderer } from '../../vagrant-renderer.ts';

/** Does something with boxes; what happens is told under the name `box`. */
export function withBoxes<T>(session: Session, work: (services: BoxServices) => Promise<T>): Promise<T> {
  return withMachineServices(
    session.context,
    ({ home, emit, signal }) =>
      work(boxServices({ home, env: session.context.env, emit, signal, build: 'box' })),
    vagrantRenderer(session.ui),
  );
}
