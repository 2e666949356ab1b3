import { randomBytes } from 'node:crypto';
import { KilnError } from '../../base/errors.ts';
import type { Guest, GuestExit } from '../../guests/guest.ts';
import { posixCommand } from '../../guests/guest-path.ts';
import { shellQuote } from '../../guests/shell-quote.ts';
import type { Profile } from '../../plan/profile.ts';
import { compileProfile } from '../compile/compile-profile.ts';
import type { CompiledProfile, Platform } from '../compile/compiled-profile.ts';
import { profileFor } from '../conditions.ts';
import { type GatheredFacts, gatherFacts } from './gather-facts.ts';
import { packPayload } from './pack-payload.ts';
import { type Outcome, type ReportHandlers, ReportReader, type ResourceReport } from './reports.ts';

export interface ApplyOptions extends Partial<ReportHandlers> {
  /** `check` changes nothing, and reports what `apply` would change as `would-change`. */
  readonly mode: 'apply' | 'check';
  /** Gets what a URL has into a local file, and checks its SHA-256. */
  readonly fetch: (url: string, digest: string) => Promise<string>;
  /** Folder for local temporary files. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
}

export interface ApplyResult {
  readonly reports: readonly ResourceReport[];
  readonly counts: Readonly<Record<Outcome, number>>;
  readonly facts: GatheredFacts['facts'];
}

/**
 * Brings what a guest stands for to what a profile says, or finds out what is not so. A resource that fails is a report,
 * not an error.
 * @throws KilnError `unsupported` for a machine that the profile is not for; `step-failed` when it could not be tried at
 * all; `file-missing`, `guest-disconnected`, `cancelled`
 */
export async function applyProfile(
  guest: Guest,
  profile: Profile,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const signal = options.signal ? { signal: options.signal } : {};
  const gathered = await gatherFacts(guest, signal);
  checkSystem(profile, gathered);
  const wanted = profileFor(profile, gathered.facts);
  const environment =
    wanted.packages.length > 0 && options.mode === 'apply'
      ? await guest.providePackages?.(signal)
      : undefined;
  const compiled = await compileProfile(wanted, {
    platform: platformOf(profile, gathered),
    fetch: options.fetch,
    refreshFirst: environment !== undefined,
  });
  const reports: ResourceReport[] = [];
  const token = randomBytes(12).toString('hex');
  const reader = new ReportReader(token, compiled.resources, {
    ...(options.onBegin && { onBegin: options.onBegin }),
    ...(options.onOutput && { onOutput: options.onOutput }),
    onReport: (report) => {
      reports.push(report);
      options.onReport?.(report);
    },
  });
  const lastWords: string[] = [];
  const exit = await runIn(guest, compiled, {
    ...options,
    root: gathered.user === 0,
    variables: { ...environment, KILN_REPORT: token },
    onLine: (line) => {
      lastWords.push(line);
      if (lastWords.length > 10) lastWords.shift();
      reader.line(line);
    },
  });
  if (exit.kind === 'disconnected') {
    throw new KilnError('guest-disconnected', `the connection broke while ${profile.name} was applied`, {
      hint: 'apply it again: what is as it should be stays as it is',
    });
  }
  if (reader.done === undefined) throw brokenOff(reader.stopped, lastWords, gathered);
  const counts = { ok: 0, changed: 0, 'would-change': 0, failed: 0, skipped: 0 };
  for (const report of reports) counts[report.outcome] += 1;
  return { reports, counts, facts: gathered.facts };
}

/** A profile that is for another system would not do what it says. */
function checkSystem({ os, name }: Profile, { facts }: GatheredFacts): void {
  if (!os) return;
  const distribution = facts['os.distribution'];
  const release = String(facts['os.release'] ?? '');
  const isRelease =
    release === os.release || facts['os.codename'] === os.release || release.startsWith(`${os.release}.`);
  if (distribution === os.distribution && (isRelease || release === '')) return;
  throw new KilnError(
    'unsupported',
    `the profile ${name} is for ${os.distribution} ${os.release}, and this is ${distribution ?? 'something else'} ${release}`,
    { hint: 'take "os" out of the profile to apply it to any system' },
  );
}

function platformOf({ name }: Profile, { manager, init, facts }: GatheredFacts): Platform {
  if (manager) return { manager, init };
  throw new KilnError(
    'unsupported',
    `${name} cannot be applied: ${facts['os.distribution'] ?? 'the system'} has none of apt, dnf, zypper and apk`,
    { hint: 'profiles are for distributions with one of these' },
  );
}

interface RunInOptions extends ApplyOptions {
  /** Whether commands run as root already. */
  readonly root: boolean;
  readonly variables: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

async function runIn(guest: Guest, compiled: CompiledProfile, options: RunInOptions): Promise<GuestExit> {
  const signal = options.signal ? { signal: options.signal } : {};
  const folder = await makeFolder(guest, signal);
  try {
    await guest.upload({
      from: { kind: 'bytes', bytes: Buffer.from(compiled.script) },
      to: `${folder}/profile.sh`,
      mode: 0o600,
      ...signal,
    });
    if (compiled.payload.length > 0) {
      await guest.upload({
        from: { kind: 'file', path: await packPayload(compiled.payload, options.scratch, options.signal) },
        to: `${folder}/payload.tar`,
        mode: 0o600,
        ...signal,
      });
    }
    return await guest.exec({
      command: commandLine(folder, options),
      onLine: options.onLine,
      ...signal,
    });
  } finally {
    if (options.signal?.aborted) await quietly(guest, asRoot(options, stopScript, folder));
    await quietly(guest, asRoot(options, 'rm -rf "$1"', folder));
  }
}

/** What was cancelled here may go on there, such as when a connection ends: ends the script with all that it has started. */
const stopScript = `
script=$1/payload
all=
doomed=
for process in /proc/[0-9]*; do
  read -r stat 2>/dev/null <"$process/stat" || continue
  set -- \${stat##*) }
  all="$all \${process#/proc/}:$2"
  line=$(tr '\\0' ' ' 2>/dev/null <"$process/cmdline")
  case $line in *"./profile.sh"*"$script"*) doomed="$doomed \${process#/proc/}" ;; esac
done
more=yes
while [ "$more" = yes ]; do
  more=no
  for pair in $all; do
    case "$doomed " in *" \${pair%:*} "*) continue ;; esac
    case "$doomed " in *" \${pair#*:} "*) doomed="$doomed \${pair%:*}" more=yes ;; esac
  done
done
[ -z "$doomed" ] || kill -TERM $doomed`;

/** Cleaning up must not hide why it was needed. */
async function quietly(guest: Guest, command: string): Promise<void> {
  await guest.exec({ command }).catch(() => {});
}

function asRoot({ root }: RunInOptions, script: string, ...args: readonly string[]): string {
  const line = posixCommand(script, ...args);
  return root ? line : `sudo -n -- ${line}`;
}

/** The script goes by a file: what it runs cannot read it from standard input, and nothing of it is in `ps`. */
function commandLine(folder: string, options: RunInOptions): string {
  const { mode, variables } = options;
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${shellQuote(value)}`);
  const unpack = 'mkdir payload && tar -xf payload.tar -C payload && rm payload.tar || exit 4';
  const script = [
    'cd "$1" || exit 4',
    `if [ -e payload.tar ]; then ${unpack}; fi`,
    `${assignments.join(' ')} exec /bin/sh ./profile.sh ${mode === 'check' ? '--check ' : ''}--payload="$1/payload"`,
  ].join('; ');
  return asRoot(options, script, folder);
}

/** A folder of this login alone. */
async function makeFolder(guest: Guest, signal: { readonly signal?: AbortSignal }): Promise<string> {
  const lines: string[] = [];
  const words: string[] = [];
  const exit = await guest.exec({
    command: posixCommand('umask 077; mktemp -d /tmp/kiln-profile.XXXXXX'),
    onLine: (line, stream) => void (stream === 'stdout' ? lines : words).push(line),
    ...signal,
  });
  const folder = lines.map((line) => line.trim()).find((line) => line.startsWith('/tmp/kiln-profile.'));
  if (exit.kind === 'exited' && exit.code === 0 && folder) return folder;
  throw new KilnError(
    'step-failed',
    `no temporary folder could be made: ${words.join('; ') || 'no reason was given'}`,
    {
      hint: 'there must be a folder /tmp with room in it',
    },
  );
}

function brokenOff(
  stopped: string | undefined,
  words: readonly string[],
  { user }: GatheredFacts,
): KilnError {
  const said = words.join('\n');
  if (stopped !== undefined)
    return new KilnError('step-failed', `the profile could not be applied: ${stopped}`);
  if (user !== 0 && /^sudo:|: sudo: |not found/m.test(said)) {
    return new KilnError('step-failed', `root's rights are needed, and could not be had: ${said}`, {
      hint: 'log in as root, or let the user use sudo without a password',
    });
  }
  return new KilnError('step-failed', `the profile's script did not come to its end:\n${said}`);
}
