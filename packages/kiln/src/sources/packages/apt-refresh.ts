import { KilnError } from '../../base/errors.ts';
import type { RunResult } from '../../base/processes.ts';
import type { AptSource } from './apt-source.ts';

/** What went wrong when apt fetched indexes, in our words; undefined when nothing did. */
export function refreshFault(
  { code, stdout, stderr }: RunResult,
  sources: readonly AptSource[],
): KilnError | undefined {
  const lines = `${stdout}\n${stderr}`.split('\n');
  const words = lines.filter((line) => /^[EW]: /.test(line));
  const skipped = lines.find((line) => /^[NW]: Skipping acquire of configured file/.test(line));
  const unsigned = words.find((line) => /GPG error|is not signed|signature|NO_PUBKEY|sqv/i.test(line));
  if (code === 0 && !unsigned && !skipped) return undefined;
  const told = (
    unsigned ? [unsigned] : code === 0 ? [skipped!] : words.filter((line) => line.startsWith('E: '))
  ).map((line) => line.slice(3));
  const source = sources.find((one) => told.some((line) => line.includes(one.mirror.replace(/\/$/, ''))));
  const which = source ? `${source.mirror} ${source.suite}` : 'a repository';
  const at = source?.at && { at: source.at };
  if (unsigned) {
    return new KilnError(
      'checksum-mismatch',
      `the index of ${which} is not signed as it should be: ${told[0]}`,
      {
        hint: source?.key
          ? 'give the repository the key that signs it today (`key:`), and get that key in a way that you trust'
          : 'give the repository its key (`key:`): only the distribution’s own keys were tried',
        ...at,
      },
    );
  }
  if (code === 0) {
    return new KilnError('not-found', `${which} has nothing for this system: ${told[0]}`, {
      hint: 'see to its components, and to the architectures that it has packages for',
      ...at,
    });
  }
  if (told.some((line) => /is expired|not valid yet/.test(line))) {
    return new KilnError('download-failed', `the index of ${which} cannot be used: ${told[0]}`, {
      hint: 'set this host’s clock, or use a mirror that is kept up to date',
      ...at,
    });
  }
  if (told.some((line) => /does not have a Release file|404 /.test(line))) {
    return new KilnError('not-found', `there is no repository at ${which}: ${told.at(-1)}`, {
      hint: 'see to the spelling of its URL and suite',
      ...at,
    });
  }
  return new KilnError(
    'download-failed',
    `the index of packages could not be fetched: ${told[0] ?? stderr.trim()}`,
    {
      hint: 'check that the mirror can be reached (`kiln doctor`); what kiln.lock names needs no index',
      ...at,
    },
  );
}
