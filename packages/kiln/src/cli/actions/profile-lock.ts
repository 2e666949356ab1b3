import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { profileFileName } from '../../profile/language/load-profile.ts';
import type { LockChange } from '../../profile/lock/compare-locks.ts';
import { lockFileName } from '../../profile/lock/lock.ts';
import type { SettledLock } from '../../profile/lock/settle-lock.ts';
import type { CommandInput } from '../command.ts';
import type { profileLockOptions } from '../commands/profile/lock.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadTemplate } from '../load-template.ts';
import { formatDiagnostics } from '../report-error.ts';
import { settleBuild } from '../settle-build.ts';
import { textTable } from '../text-table.ts';
import { withProgress } from '../with-progress.ts';

export async function run(
  { options, args }: CommandInput<typeof profileLockOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr, env, cwd } = context;
  const { file, packages } = sortWords(args, options.update, cwd);
  const { plan, warnings } = await loadTemplate({ ...options, file }, context);
  stderr.write(formatDiagnostics(warnings, stderr.paint));
  const dryRun = options['dry-run'];
  const update = !options.update ? undefined : packages.length > 0 ? packages : ('all' as const);
  const settled = await withProgress(context, async ({ signal, emit }) => {
    const found = new Map<string, SettledLock>();
    for (const build of plan.builds) {
      if (build.source.kind !== 'rootfs') continue;
      const onResolve = () =>
        emit({ kind: 'message', build: build.name, level: 'info', text: 'resolving packages' });
      const settling = { dryRun, onResolve, ...(update !== undefined && { update }) };
      found.set(build.name, await settleBuild(plan, build, build.source, settling, { env, cwd, signal }));
    }
    return found;
  });
  if (settled.size === 0) {
    throw new KilnError('unsupported', `${plan.origin.file} has no image that is built without a machine`, {
      hint: 'only those are made of locked packages: give an image "builder: rootfs"',
    });
  }
  if (options.json) stdout.line(JSON.stringify({ dryRun, profiles: asJson(settled) }, null, 2));
  else {
    for (const [name, one] of settled) stdout.write(describe(name, one));
    const shown = join(dirname(plan.origin.file), lockFileName);
    const changed = [...settled.values()].some((one) => one.isNew || one.changes.length > 0);
    if (dryRun)
      stderr.line(changed ? `${shown} stays as it is: this was a dry run` : `${shown} is up to date`);
    else if ([...settled.values()].some((one) => one.written)) stderr.line(`${shown} is written`);
  }
  return exitCodes.ok;
}

/** Tells files from names of packages by how they look. @throws KilnError `bad-usage` */
function sortWords(
  words: readonly string[],
  update: boolean,
  cwd: string,
): { readonly file: string | undefined; readonly packages: readonly string[] } {
  const isFile = (word: string) => word.includes('/') || /\.(?:ya?ml|json|cfg)$/.test(word);
  const files = words.filter(isFile);
  const packages = words.filter((word) => !isFile(word));
  if (files.length > 1) {
    throw new KilnError(
      'bad-usage',
      `only one file can be locked at a time, and ${files.join(', ')} were given`,
    );
  }
  if (packages.length > 0 && !update) {
    throw new KilnError('bad-usage', `${packages.join(', ')}: packages are named to be updated`, {
      hint: 'add --update; a file is named with its ending or with a slash, such as ./web',
    });
  }
  const isThere = (name: string) => existsSync(resolve(cwd, name));
  const alone = !isThere('kiln.yaml') && !isThere('kiln.yml') && isThere(profileFileName);
  return { file: files[0] ?? (alone ? profileFileName : undefined), packages };
}

function describe(name: string, { locked, isNew, changes, reasons }: SettledLock): string {
  const { packages } = locked.resolved;
  if (isNew)
    return `${name}: ${count(packages.length, 'package')} of ${locked.os.distribution}/${locked.os.release}\n`;
  const why = reasons.map((reason) => `  ${reason}\n`).join('');
  if (changes.length === 0) return `${name}: nothing has changed\n${why}`;
  const rows = changes.map((change) => [' ', ...changeWords(change)]);
  return `${name}: ${count(changes.length, 'change')}\n${why}${textTable(rows)}`;
}

function changeWords(change: LockChange): string[] {
  switch (change.kind) {
    case 'added':
      return ['+', change.package, change.version];
    case 'removed':
      return ['-', change.package, change.version];
    case 'changed': {
      const note = { newer: '', older: ' (older)', rebuilt: ' (other content)' }[change.direction];
      return ['~', change.package, `${change.before} → ${change.after}${note}`];
    }
    case 'fetched': {
      const short = (digest: string | undefined) => digest?.slice(0, 12) ?? 'nothing';
      return ['~', change.url, `${short(change.before)} → ${short(change.after)}`];
    }
  }
}

function asJson(settled: ReadonlyMap<string, SettledLock>) {
  return [...settled].map(([name, { locked, isNew, written, reasons, changes }]) => ({
    ...{ name, isNew, written, packages: locked.resolved.packages.length, reasons, changes },
  }));
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
