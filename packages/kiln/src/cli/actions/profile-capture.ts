import { basename, dirname, join, resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import type { EmitEvent } from '../../base/events.ts';
import { exists } from '../../base/files.ts';
import { type BareSystem, bareSystemOf } from '../../profile/capture/bare-system.ts';
import { captureProfile } from '../../profile/capture/capture-profile.ts';
import type { CapturedProfile } from '../../profile/capture/captured-profile.ts';
import { formatCaptured } from '../../profile/capture/format-captured.ts';
import { inlineFiles } from '../../profile/capture/inline-files.ts';
import { writeCaptured } from '../../profile/capture/write-captured.ts';
import { readInventory } from '../../profile/inventory/read-inventory.ts';
import { profileFileName } from '../../profile/language/load-profile.ts';
import type { CommandInput } from '../command.ts';
import type { profileCaptureOptions } from '../commands/profile/capture.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { openSystem } from '../open-system.ts';
import { readSystemWord, type SystemWord } from '../system-word.ts';
import { withProgress } from '../with-progress.ts';

export async function run(
  { options, args }: CommandInput<typeof profileCaptureOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr, cwd } = context;
  const target = await systemOf(args[0]!, context);
  const bareTarget = options.bare === undefined ? undefined : await systemOf(options.bare, context);
  const output =
    options.output === undefined ? undefined : await outputFile(resolve(cwd, options.output), options.force);
  const captured = await withProgress(context, async (tools) => {
    const bare = bareTarget && (await lookAtBare(bareTarget, context, tools));
    const system = await openSystem(target, context, tools);
    try {
      tools.emit({ kind: 'message', level: 'info', text: `looking at ${system.description}` });
      const inventory = await readInventory(system, tools.signal);
      return await captureProfile(inventory, system, {
        name: options.name ?? inventory.settings.hostname ?? 'captured',
        ...(bare && { bare }),
        folder: output?.folder ?? 'files',
        passwordHashes: options['password-hashes'],
        signal: tools.signal,
      });
    } finally {
      await system.close();
    }
  });
  if (output === undefined) stdout.write(formatCaptured(inlineFiles(captured)));
  else {
    await writeCaptured(captured, output.file, { secret: options['password-hashes'] });
    const beside =
      captured.files.size === 0 ? '' : `, and what stands in files of its own in ${output.folder}/ beside it`;
    stderr.line(`wrote ${output.file}${beside}`);
  }
  tell(captured, context);
  return exitCodes.ok;
}

async function systemOf(
  word: string,
  context: CliContext,
): Promise<Exclude<SystemWord, { kind: 'profile' }>> {
  const meant = await readSystemWord(word, context);
  if (meant.kind !== 'profile') return meant;
  throw new KilnError('bad-usage', `${word} is a profile already`, {
    hint: 'name a machine, an image or a tree of files',
  });
}

async function lookAtBare(
  word: Exclude<SystemWord, { kind: 'profile' }>,
  context: CliContext,
  tools: { readonly emit: EmitEvent; readonly signal: AbortSignal },
): Promise<BareSystem> {
  const system = await openSystem(word, context, tools);
  try {
    tools.emit({ kind: 'message', level: 'info', text: `looking at ${system.description}` });
    return bareSystemOf(await readInventory(system, tools.signal));
  } finally {
    await system.close();
  }
}

interface Output {
  readonly file: string;
  /** Name of the folder beside it. */
  readonly folder: string;
}

/** @throws KilnError `already-exists` */
async function outputFile(path: string, force: boolean): Promise<Output> {
  const isFile = /\.ya?ml$/.test(path);
  const file = isFile ? path : join(path, profileFileName);
  // Several profiles may stand in one folder.
  const folder = isFile ? `${basename(file).replace(/(?:\.profile)?\.ya?ml$/, '')}.files` : 'files';
  for (const one of [file, join(dirname(file), folder)]) {
    if (force || !(await exists(one))) continue;
    throw new KilnError('already-exists', `${one} is there already`, {
      hint: 'name another place, or replace it with --force',
    });
  }
  return { file, folder };
}

/** What people have to know besides the profile goes where it does not get into it. */
function tell({ warnings, secrets }: CapturedProfile, { stderr }: CliContext): void {
  const label = stderr.paint('yellow', 'warning:');
  for (const warning of warnings) stderr.line(`${label} ${warning}`);
  if (secrets.length === 0) return;
  stderr.line(`${label} left out because they are secrets; put them there another way:`);
  for (const { name, what } of secrets) stderr.line(`  ${name}: ${what}`);
}
