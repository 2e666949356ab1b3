import { resolve } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { exists, writeFileAtomically } from '../../base/files.ts';
import type { Facts } from '../../plan/profile.ts';
import { compileProfile } from '../../profile/compile/compile-profile.ts';
import { type RenderedFor, renderedFor } from '../../profile/render/platform-of.ts';
import { renderCloudInit } from '../../profile/render/render-cloud-init.ts';
import { renderContainerfile } from '../../profile/render/render-containerfile.ts';
import { fetchFile } from '../../sources/fetch-file.ts';
import type { CommandInput } from '../command.ts';
import type { profileRenderOptions } from '../commands/profile/render.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { loadProfileOf, readFactOptions } from '../load-profile.ts';
import { formatDiagnostics } from '../report-error.ts';
import { withProgress } from '../with-progress.ts';
import { homeOf } from './machine-targets.ts';

export async function run(
  { options, args }: CommandInput<typeof profileRenderOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr, cwd, env } = context;
  if (options.from !== undefined && options.to !== 'containerfile') {
    throw new KilnError('bad-usage', '--from is for containerfile only', { hint: 'add --to containerfile' });
  }
  const { profile, diagnostics } = await loadProfileOf(args[0], options, context);
  stderr.write(formatDiagnostics(diagnostics, stderr.paint));
  const facts: Facts = readFactOptions(options.facts, cwd) ?? {};
  const text = await withProgress(context, async ({ signal }) => {
    const fetch = (url: string, digest: string) =>
      fetchFile(url, digest, { home: homeOf(context), env, signal });
    return await render(options.to ?? 'shell', renderedFor(profile, facts), { fetch, from: options.from });
  });
  if (options.output === undefined) {
    // What hides secrets in messages would break the script: who asks for one gets it whole.
    stdout.raw.write(text);
    return exitCodes.ok;
  }
  const path = resolve(cwd, options.output);
  if (!options.force && (await exists(path))) {
    throw new KilnError('already-exists', `${options.output} is there already`, {
      hint: 'choose another name, or replace it with --force',
    });
  }
  await writeFileAtomically(path, text, 0o600);
  stderr.line(`wrote ${options.output}`);
  return exitCodes.ok;
}

async function render(
  to: 'shell' | 'cloud-init' | 'containerfile',
  wanted: RenderedFor,
  { fetch, from }: { fetch: (url: string, digest: string) => Promise<string>; from: string | undefined },
): Promise<string> {
  switch (to) {
    case 'shell':
      return (await compileProfile(wanted.profile, { fetch, platform: wanted.platform, standalone: true }))
        .script;
    case 'cloud-init':
      return await renderCloudInit(wanted, { fetch });
    case 'containerfile':
      return await renderContainerfile(wanted, { fetch, ...(from === undefined ? {} : { from }) });
  }
}
