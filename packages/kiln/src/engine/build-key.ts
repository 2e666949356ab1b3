import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { digestFile, exists } from '../base/files.ts';
import { canonicalHash } from '../plan/canonical.ts';
import type { Build, Plan } from '../plan/plan.ts';
import { withoutFolder, withoutFolders } from '../plan/relative-paths.ts';
import type { Step } from '../plan/step.ts';
import { innerBuild } from './build-scene.ts';
import { digestTree } from './digest-tree.ts';
import { localFiles } from './local-files.ts';
import { whyNotRepeatable } from './repeatable.ts';

/** What determined a build's result, as far as it can be known before the build runs. */
export interface BuildKey {
  /** Undefined when running the same build again may give another result. */
  readonly hash: string | undefined;
  /** Why there is no hash, for people. */
  readonly reason?: string;
  readonly inputs: readonly { readonly what: string; readonly digest: string }[];
  readonly base?: string;
  readonly template?: { readonly file: string; readonly digest: string };
}

/** To be raised whenever the same plan would build something else than before. */
const keyScheme = 1;

/**
 * The hash over everything that determines a build's machine and disk: its source and steps, the content and
 * modes of every local file they read, the base image. Names, places of results and outputs do not count: they
 * change nothing in the image. Secrets enter as stand-ins.
 * @throws KilnError `file-missing`
 */
export async function buildKey(
  build: Build,
  plan: Plan,
  baseDigest?: string,
  installerDigest?: string,
): Promise<BuildKey> {
  const { folder } = plan.origin;
  const inputs: { what: string; digest: string }[] = [];
  for (const path of localFiles(build, folder)) {
    inputs.push({ what: withoutFolder(path, folder), digest: await digestTree(path) });
  }
  const facts = {
    ...(baseDigest !== undefined && { base: baseDigest }),
    inputs,
    ...(await templateOf(plan)),
  };
  const reason = whyNotRepeatable(build, plan.secrets);
  if (reason !== undefined) return { hash: undefined, reason, ...facts };
  const determining = {
    scheme: keyScheme,
    build: innerBuild(build),
    source: sourceForKey(build, baseDigest, installerDigest),
    steps: build.steps.map(stepForKey),
    inputs,
  };
  const hash = canonicalHash(withoutFolders(determining, folder), plan.secrets);
  return { hash, ...facts };
}

/** The step without what only says how patient to be with it, and where it is written. */
function stepForKey({
  at: _at,
  name: _name,
  timeout: _timeout,
  maxRetries: _retries,
  failsAtEnd: _failsAtEnd,
  onError: _onError,
  needsWindows: _needsWindows,
  ...rest
}: Step): unknown {
  return rest;
}

/** The source without what leaves no trace in the image, and with digests in place of where images come from. */
function sourceForKey(build: Build, base: string | undefined, installer: string | undefined): unknown {
  const { source } = build;
  if (source.kind === 'rootfs') {
    const { lock, ...rest } = source;
    // Where a package comes from is no part of it.
    const packages = [...(lock?.base ?? []), ...(lock?.more ?? [])].map(({ urls: _urls, ...one }) => one);
    return { ...rest, time: lock?.time, packages };
  }
  if (source.kind !== 'qemu') return source;
  const { disk: _disk, installer: _installer, communicator: _communicator, ...rest } = source;
  return { ...rest, base, installer, user: loginOf(source.communicator) };
}

function loginOf(communicator: { readonly kind: string; readonly username?: string }): string | undefined {
  return communicator.username;
}

async function templateOf(plan: Plan): Promise<Pick<BuildKey, 'template'>> {
  const { file } = plan.origin;
  if (!(await exists(file)) || !(await stat(file)).isFile()) return {};
  return { template: { file: basename(file), digest: await digestFile(file) } };
}
