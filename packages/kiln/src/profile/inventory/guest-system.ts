import { KilnError } from '../../base/errors.ts';
import type { Guest } from '../../guests/guest.ts';
import { isByteName } from './byte-names.ts';
import type { ExaminedSystem, Search, Survey } from './survey.ts';
import { asRootCommand, readScript, surveyScript } from './survey-script.ts';
import { SurveyStream } from './survey-stream.ts';

/** Whatever commands can be run in. */
export type CommandRunner = Pick<Guest, 'exec'>;

/** So many paths go into one command: a command line has 128 KiB at most on Linux. */
const pathsAtOnce = 200;

/**
 * A machine that runs, or whatever else commands can be run in. Nothing is written there and nothing needs to be
 * installed. Closing it leaves the guest open: it belongs to whoever connected it.
 * @param description for people, such as `the machine web`
 */
export function guestSystem(guest: CommandRunner, description: string): ExaminedSystem {
  return {
    description,
    survey: (query, signal) => run(guest, description, surveyScript(query), query.searches, signal),
    async read(paths, limit, signal) {
      const found = new Map<string, Uint8Array>();
      const readable = paths.filter((path) => !isByteName(path) && !path.includes('\n'));
      for (let at = 0; at < readable.length; at += pathsAtOnce) {
        const script = readScript(readable.slice(at, at + pathsAtOnce), limit);
        const { contents } = await run(guest, description, script, [], signal);
        for (const [path, bytes] of contents) found.set(path, bytes);
      }
      return found;
    },
    close: async () => {},
  };
}

async function run(
  guest: CommandRunner,
  description: string,
  script: string,
  searches: readonly Search[],
  signal: AbortSignal | undefined,
): Promise<Survey> {
  const stream = new SurveyStream(searches);
  const words: string[] = [];
  let failure: unknown;
  const exit = await guest.exec({
    command: asRootCommand(script),
    onLine(line, from) {
      if (from === 'stderr') {
        if (words.length < 20) words.push(line);
        return;
      }
      try {
        if (failure === undefined) stream.line(line);
      } catch (error) {
        failure = error;
      }
    },
    ...(signal === undefined ? {} : { signal }),
  });
  if (failure !== undefined) throw failure;
  if (exit.kind === 'disconnected') {
    throw new KilnError(
      'guest-disconnected',
      `the connection to ${description} broke while it was looked at`,
    );
  }
  if (exit.kind !== 'exited' || exit.code !== 0) {
    const how = exit.kind === 'exited' ? `ended with ${exit.code}` : `was ended by ${exit.signal}`;
    const said = words.length > 0 ? `: ${words.join('\n')}` : '';
    throw new KilnError('step-failed', `the script that looks at ${description} ${how}${said}`);
  }
  return stream.finish();
}
