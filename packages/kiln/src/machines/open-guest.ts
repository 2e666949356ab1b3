import { agentAnswers, agentGuest } from '../guests/agent-guest.ts';
import { dockerGuest } from '../guests/docker-guest.ts';
import type { Guest } from '../guests/guest.ts';
import { containerOf } from './containers/container-file.ts';
import { agentSite } from './machine-agent.ts';
import { type MachineRecord, machineFiles } from './machine-record.ts';
import type { MachineServices } from './machine-services.ts';
import { offerAgent } from './offer-agent.ts';
import { connectToMachine } from './start-machine.ts';

/**
 * A machine that runs, as something to run commands in as the user that logs in: through the agent where it answers, by SSH otherwise.
 * Overlapping calls, also of other processes, are fine.
 * @throws KilnError as `connectToMachine`
 */
export async function openMachineGuest(
  services: Pick<MachineServices, 'home' | 'emit' | 'signal'>,
  record: MachineRecord,
  options: {
    readonly signal?: AbortSignal;
    /** Have the agent started where it does not run, such as after a restart from inside. */
    readonly offersAgent?: boolean;
  } = {},
): Promise<Guest> {
  const files = machineFiles(services.home, record.id);
  const signal = options.signal ?? services.signal;
  const container = await containerOf(files);
  if (container) return dockerGuest(container.name);
  const site = agentSite(files);
  if (await agentAnswers(site, signal)) return agentGuest(site);
  const guest = await connectToMachine(services, record, files, signal);
  if (options.offersAgent) await offerAgent({ signal }, guest);
  return guest;
}
