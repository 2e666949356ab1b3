import { fstatSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { KilnError } from '../../base/errors.ts';
import { AgentProgram } from '../../guests/agent/agent-program.ts';
import { AgentAbsent } from '../../guests/agent/agent-session.ts';
import { containerOf } from '../../machines/containers/container-file.ts';
import { agentSite } from '../../machines/machine-agent.ts';
import { type MachineRecord, machineFiles } from '../../machines/machine-record.ts';
import { offerAgentBehind } from '../../machines/offer-agent.ts';
import { requireRunning, runSsh } from './run-ssh.ts';

/**
 * Runs a line of the login user's shell, or a program by its words, in a machine, with this process's streams, and gives its exit code: through
 * the agent where it answers, by SSH otherwise.
 * @throws KilnError `not-found` when the machine does not run, `guest-disconnected`, `tool-missing`
 */
export async function runInMachine(
  home: string,
  record: MachineRecord,
  command: string,
  how: 'shell' | 'words' = 'shell',
): Promise<number> {
  await requireRunning(home, record);
  const files = machineFiles(home, record.id);
  const site = agentSite(files);
  let program: AgentProgram;
  try {
    program = await AgentProgram.start(site, { command, how, user: 'login', input: hasInput() });
  } catch (error) {
    if (!(error instanceof AgentAbsent)) throw error;
    const code = await runSsh(home, record, { command });
    if (code !== lostConnection && !(await containerOf(files))) await offerAgentBehind(home, record);
    return code;
  }
  // What the terminal says is for the program in the machine; one that does not heed it is left alone at last.
  let asked = 0;
  const onSignal = (name: NodeJS.Signals) => {
    asked++;
    if (asked > 3) program.abandon();
    else program.kill(name.slice('SIG'.length));
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
  for (const name of names) process.on(name, onSignal);
  try {
    if (hasInput()) process.stdin.pipe(program.stdin);
    program.stdout.pipe(process.stdout, { end: false });
    program.stderr.pipe(process.stderr, { end: false });
    const exit = await program.ended;
    if (exit.kind === 'exited') return exit.code;
    if (exit.kind === 'signalled') return 128 + (constants.signals[exit.signal as NodeJS.Signals] ?? 0);
    throw new KilnError('guest-disconnected', `the connection to ${record.name} broke`, {
      hint: 'it may have been halted; `kiln status` tells',
    });
  } finally {
    for (const name of names) process.off(name, onSignal);
    process.stdin.unpipe(program.stdin).pause();
  }
}

/** What ssh ends with when it is its own fault. */
const lostConnection = 255;

/** Whether somebody could send input: not from /dev/null, nor from nowhere. */
function hasInput(): boolean {
  try {
    const input = fstatSync(0);
    return !(input.isCharacterDevice() && input.rdev === statSync('/dev/null').rdev);
  } catch {
    return false;
  }
}
