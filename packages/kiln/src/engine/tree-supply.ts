import { canonicalJson } from '../plan/canonical.ts';
import type { Build } from '../plan/plan.ts';
import { withoutFolders } from '../plan/relative-paths.ts';
import type { RootfsSource } from '../plan/source.ts';
import { formatProfile } from '../profile/language/format-profile.ts';
import { joinProfiles } from '../profile/profile-parts.ts';
import type { BuildSupply } from '../supply/attest/build-supply.ts';
import type { Dependency } from '../supply/provenance/build-facts.ts';
import type { BuildKey } from './build-key.ts';
import type { BuildScene } from './build-scene.ts';

/** A build that is kept with its image, so that the image can be made again. Serialised as JSON. */
export interface KeptBuild {
  readonly schema: 1;
  /** Without outputs. Paths in the template's folder are relative. */
  readonly build: Build;
}

/** What is known of how a tree was put together, for those who sign its image and who build it again. */
export function treeSupply(
  { build, plan }: BuildScene,
  { os, lock, result }: RootfsSource,
  key: BuildKey | undefined,
): BuildSupply {
  const system = { id: os.distribution, version: os.release };
  const packages = [...(lock?.base ?? []), ...(lock?.more ?? [])].map(
    (one): Dependency => ({ kind: 'package', package: one, os: system }),
  );
  const files = (key?.inputs ?? []).map(
    ({ what, digest }): Dependency => ({ kind: 'file', path: what, sha256: digest }),
  );
  const layout = (result.layoutOf ? [result.layoutOf.reference] : []).map(
    (id): Dependency => ({
      kind: 'base',
      name: 'earlier image (layout)',
      sha256: id.replace(/^sha256:/, ''),
    }),
  );
  const text = canonicalJson(
    withoutFolders({ schema: 1, build: withoutOutputs(build) }, plan.plan.origin.folder),
  );
  // What holds a secret is not kept in clear.
  const isOpen = plan.secrets.hide(text) === text;
  const whole = joinProfiles(build.steps.flatMap((step) => (step.kind === 'profile' ? [step.profile] : [])));
  const profile = whole && formatProfile(whole);
  return {
    facts: {
      builder: 'rootfs',
      dependencies: [...packages, ...files, ...layout],
      ...(lock && { epoch: lock.time }),
    },
    ...(isOpen && { lock: `${text}\n` }),
    ...(profile !== undefined && plan.secrets.hide(profile) === profile && { profile }),
  };
}

function withoutOutputs({ outputs: _outputs, after: _after, at: _at, ...rest }: Build): Build {
  return { ...rest, outputs: [] };
}
