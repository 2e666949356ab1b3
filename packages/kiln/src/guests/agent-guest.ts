import { AgentProgram } from './agent/agent-program.ts';
import { AgentAbsent, type AgentRequest, AgentSession, type AgentSite } from './agent/agent-session.ts';
import { ProgramGuest } from './program-guest.ts';

/**
 * A machine through the agent that runs in it: no handshake, no network. Commands run as the user that logs in over
 * SSH, with that user's shell and environment, or as root. Several guests, of several processes, may use one machine's
 * agent at the same time. Closing one leaves the agent as it is.
 */
export function agentGuest(
  site: AgentSite,
  user: AgentRequest['user'] = 'login',
  how: AgentRequest['how'] = 'shell',
): ProgramGuest {
  return new ProgramGuest({
    kind: 'agent',
    start: (command, { input, signal }) => AgentProgram.start(site, { command, user, input, how }, signal),
    isThere: () => true,
    close: async () => {},
    closedMessage: 'the connection to the machine was closed',
  });
}

/** Whether an agent answers in the machine. Takes some milliseconds when it does. @throws KilnError `cancelled` */
export async function agentAnswers(site: AgentSite, signal?: AbortSignal): Promise<boolean> {
  try {
    await AgentSession.ping(site, signal);
    return true;
  } catch (error) {
    if (error instanceof AgentAbsent) return false;
    throw error;
  }
}
