import { KilnError } from '../../base/errors.ts';
import type { Profile } from '../../plan/profile.ts';
import { carriedPayload } from './carried-payload.ts';
import type { CompileContext } from './compile-context.ts';
import type { CompiledProfile, Platform } from './compiled-profile.ts';
import { Contents } from './contents.ts';
import { packageManagers } from './package-managers/managers.ts';
import { compileAccounts } from './resources/accounts.ts';
import { compileFiles } from './resources/files.ts';
import { compilePackages } from './resources/packages.ts';
import { compileRepositories } from './resources/repositories.ts';
import { compileScripts } from './resources/scripts.ts';
import { compileServices } from './resources/services.ts';
import { compileSettings } from './resources/settings.ts';
import { ScriptBuilder } from './script-builder.ts';
import { coreLibrary } from './shell/core.ts';

export interface CompileOptions {
  readonly platform: Platform;
  /** Gets what a URL has into a local file, and checks its SHA-256. */
  readonly fetch: (url: string, digest: string) => Promise<string>;
  /** Content that is larger goes beside the script; in bytes. 64 KiB unless given. */
  readonly largestEmbedded?: number;
  /** Puts everything into the script, however large it is: `--payload` is not needed then. */
  readonly standalone?: boolean;
  /** Have lists of packages anew before any is installed, whatever there is. */
  readonly refreshFirst?: boolean;
}

/**
 * Makes one script of a profile whose conditions have been decided. Order: first scripts, repositories, packages, groups
 * and users, settings, files, services; the other scripts at their points. What fails does not keep the rest from
 * being done, but for what needs it.
 * @throws KilnError `unsupported`, `template-invalid`, `file-missing`, and what fetching throws
 */
export async function compileProfile(profile: Profile, options: CompileOptions): Promise<CompiledProfile> {
  const { platform, fetch, standalone = false, refreshFirst = false } = options;
  const largestEmbedded = standalone ? Number.POSITIVE_INFINITY : (options.largestEmbedded ?? 65_536);
  refuseConditions(profile);
  let secret = false;
  const script = new ScriptBuilder();
  const contents = new Contents({ largestEmbedded, fetch });
  const context: CompileContext = {
    script,
    contents,
    manager: packageManagers[platform.manager],
    init: platform.init,
    refreshFirst,
    fetch,
    keepSecret: () => {
      secret = true;
    },
  };
  const scriptsAt = (at: Profile['scripts'][number]['at']) => compileScripts(profile.scripts, at, context);
  script.barrier(await scriptsAt('first'));
  await compileRepositories(profile.repositories, context);
  compilePackages(profile.packages, await scriptsAt('before-packages'), context);
  await scriptsAt('after-packages');
  await compileAccounts(profile.groups, profile.users, context);
  await compileSettings(profile.config, context);
  await compileFiles(profile.files, context);
  await scriptsAt('after-files');
  await compileServices(profile.services, context);
  await scriptsAt('last');
  await scriptsAt('first-boot');
  const carried = standalone ? await carriedPayload(contents.payload) : '';
  return {
    script: script.text(
      header(profile, platform),
      coreLibrary,
      [contents.functions, carried].filter((part) => part !== '').join('\n\n'),
    ),
    payload: standalone ? [] : contents.payload,
    resources: script.resources,
    secret,
  };
}

function header({ name }: Profile, { manager }: Platform): string {
  return `#!/bin/sh
# Brings a machine to what the profile "${name.replace(/[^\x20-\x7e]/g, '?')}" says. Made by Kiln, for machines with ${manager}.
#   sh THIS            changes what is not as it should be
#   sh THIS --check    changes nothing and tells what is not`;
}

/** Who decides conditions knows the machine. */
function refuseConditions(profile: Profile): void {
  const { repositories, packages, groups, users, files, services, scripts } = profile;
  const names = new Set<string>();
  const visit = (condition: NonNullable<Profile['packages'][number]['when']>): void => {
    if (condition.kind === 'fact') names.add(condition.name);
    else if (condition.kind === 'not') visit(condition.of);
    else condition.of.forEach(visit);
  };
  for (const list of [repositories, packages, groups, users, files, services, scripts]) {
    for (const { when } of list) if (when) visit(when);
  }
  if (names.size === 0) return;
  throw new KilnError(
    'unsupported',
    `the profile ${profile.name} depends on what is not known of the machine: ${[...names].sort().join(', ')}`,
    {
      hint: 'a tree or an image has no processors, memory or name of its own: take the condition out, or give the facts',
    },
  );
}
