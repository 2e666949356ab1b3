import { type Diagnostic, DiagnosticsError } from '../../base/diagnostics.ts';
import { KilnError, type SourceLocation } from '../../base/errors.ts';
import { didYouMean } from '../../base/suggest.ts';
import { matchesVersion } from './debian-version.ts';
import type { PackageIndex } from './package-index.ts';
import type { PackageRequest, RequestedPackage } from './package-request.ts';

/** A mistake in what was asked for. */
export interface WishFault {
  readonly message: string;
  readonly hint: string;
  readonly at?: SourceLocation;
}

/** One error of all mistakes: with their places where the profile's lines are known. */
export function inOneError(faults: readonly WishFault[]): KilnError {
  const located = faults.filter((one) => one.at !== undefined);
  if (located.length === faults.length)
    return new DiagnosticsError(
      faults.map((one): Diagnostic => ({ severity: 'error', ...one, at: one.at! })),
    );
  const [first] = faults;
  if (faults.length === 1) return new KilnError('not-found', first!.message, { hint: first!.hint });
  return new KilnError('not-found', faults.map((one) => `${one.message} (${one.hint})`).join('\n'));
}

/** What apt is to be given for a wish; nothing for one that is true already. */
export type WishOutcome =
  | { readonly kind: 'want'; readonly want: string; readonly version?: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'fault'; readonly fault: WishFault };

/** Looks a wish up in the indexes. */
export function lookUpWish(
  wish: RequestedPackage,
  index: PackageIndex,
  request: PackageRequest,
): WishOutcome {
  const { architecture, release } = request;
  const fault = (message: string, hint: string): WishOutcome => ({
    kind: 'fault',
    fault: { message, hint, ...(wish.at && { at: wish.at }) },
  });
  const [name, qualifier] = wish.name.split(':') as [string, string | undefined];
  if (!/^[a-z0-9][a-z0-9+.-]+$/.test(name))
    return fault(`"${wish.name}" is no name of a package`, 'they have small letters, digits and + - . only');
  if (qualifier !== undefined && qualifier !== architecture)
    return fault(
      `${wish.name} is for another architecture than the machine's`,
      `packages of ${architecture} and "all" can be had`,
    );
  const versions = index
    .find(name)
    .filter((one) => one.architecture === architecture || one.architecture === 'all');
  if (wish.state === 'absent')
    return index.has(name) ? { kind: 'want', want: `${name}-` } : { kind: 'nothing' };
  const where = `${release.distribution} ${release.version}${request.repositories.length > 0 ? ' and the repositories of the profile' : ''}`;
  if (versions.length === 0) {
    const providers = index.providersOf(name);
    if (providers.length === 1 && wish.version === undefined) return { kind: 'want', want: name };
    if (providers.length > 0)
      return fault(`${name} is no package, but what several provide`, `choose one of ${some(providers)}`);
    return fault(
      `there is no package ${name} in ${where}`,
      didYouMean(name, index.names()) ?? 'add the repository that has it (`repositories:`)',
    );
  }
  const { version } = wish;
  if (version === undefined) return { kind: 'want', want: name };
  const found = versions.find((one) => matchesVersion(one.version, version));
  if (found) return { kind: 'want', want: `${name}=${found.version}`, version: found.version };
  const there = [...new Set(versions.map((one) => one.version))];
  return fault(
    `${name} is not there in version ${version}`,
    `${where} ${there.length === 1 ? 'has' : 'have'} ${some(there)}`,
  );
}

/** What apt says when it finds no way, as mistakes of the wishes. */
export function faultsOfRefusal(words: string, wishes: readonly RequestedPackage[]): WishFault[] {
  const lines = words.split('\n');
  const start = lines.findIndex((line) => /have unmet dependencies/.test(line));
  const faults: WishFault[] = [];
  if (start >= 0) {
    let name = '';
    for (const line of lines.slice(start + 1)) {
      const match = /^ (?:(\S+) :)?\s+(?:([A-Z][A-Za-z-]+): )?(.*)$/.exec(line);
      if (!match) break;
      name = match[1]?.split(':', 1)[0] ?? name;
      const wish = wishes.find((one) => one.name.split(':', 1)[0] === name);
      const relation = match[2] ? `${relationWords[match[2]] ?? match[2]} ` : 'or ';
      faults.push({
        message: `${name} cannot be installed: it ${relation}${match[3]}`,
        hint: 'ask for other versions, or leave one of the packages that exclude each other out',
        ...(wish?.at && { at: wish.at }),
      });
    }
  }
  const essential = /WARNING: The following essential packages will be removed/.test(words);
  if (faults.length === 0) {
    const errors = lines.filter((line) => line.startsWith('E: ')).map((line) => line.slice(3));
    const absent = wishes.find((one) => one.state === 'absent' && one.at);
    faults.push({
      message: essential
        ? 'packages that every system needs would be taken away'
        : `apt finds no way to install the packages: ${errors.join(' ') || words.trim().split('\n').slice(-3).join(' ')}`,
      hint: essential
        ? 'leave essential packages out of what is to be absent'
        : 'ask for other versions, or leave one of the packages out',
      ...(essential && absent?.at && { at: absent.at }),
    });
  }
  return faults;
}

const relationWords: Readonly<Record<string, string>> = {
  Depends: 'needs',
  PreDepends: 'needs',
  'Pre-Depends': 'needs',
  Recommends: 'recommends',
  Conflicts: 'excludes',
  Breaks: 'breaks',
};

function some(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');
}
