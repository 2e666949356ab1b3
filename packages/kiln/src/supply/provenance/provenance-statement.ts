import { kilnVersion } from '../../base/version.ts';
import { packageUrlOf } from '../sbom/package-url.ts';
import type { BuildFacts, Dependency } from './build-facts.ts';
import { type ResourceDescriptor, type Statement, type Subject, statementOf } from './statement.ts';

export const provenanceType = 'https://slsa.dev/provenance/v1';

/** How the parameters of a build are to be read (docs/supply-chain.md). */
export const buildType = 'urn:kiln:build:v1';
const builderId = 'urn:kiln:builder:local';

/** SLSA's provenance, version 1 (slsa.dev/spec/v1.0/provenance), as far as it is used here. */
export interface Provenance {
  readonly buildDefinition: {
    readonly buildType: string;
    readonly externalParameters: Readonly<Record<string, unknown>>;
    readonly internalParameters: Readonly<Record<string, unknown>>;
    readonly resolvedDependencies: readonly ResourceDescriptor[];
  };
  readonly runDetails: {
    readonly builder: { readonly id: string; readonly version: Readonly<Record<string, string>> };
    readonly metadata?: { readonly startedOn: string; readonly finishedOn: string };
  };
}

/** Says how files were made. Facts without times give the same bytes for the same build. */
export function provenanceStatement(facts: BuildFacts): Statement<Provenance> {
  const { builder, image, template, profile, lock, parameters, secretParameters, epoch, key, times } = facts;
  return statementOf(facts.subjects, provenanceType, {
    buildDefinition: {
      buildType,
      externalParameters: {
        image,
        builder,
        ...(template && { template: descriptorOf(template) }),
        ...(profile && { profile: descriptorOf(profile) }),
        ...(lock && { lock: descriptorOf(lock) }),
        ...(parameters && Object.keys(parameters).length > 0 && { variables: sorted(parameters) }),
        ...(secretParameters?.length && { secretVariables: [...secretParameters].sort() }),
      },
      internalParameters: {
        ...(epoch !== undefined && { sourceDateEpoch: epoch }),
        ...(key !== undefined && { key }),
      },
      resolvedDependencies: [...sourceOf(facts), ...facts.dependencies.map(dependencyDescriptor)],
    },
    runDetails: {
      builder: { id: builderId, version: { kiln: kilnVersion } },
      ...(times && { metadata: { startedOn: times.startedAt, finishedOn: times.finishedAt } }),
    },
  });
}

function descriptorOf({ name, sha256 }: Subject): ResourceDescriptor {
  return { name, digest: { sha256 } };
}

/** Values are told in the order of their names, whoever collected them. */
function sorted(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sourceOf({ source }: BuildFacts): ResourceDescriptor[] {
  if (!source) return [];
  const { remote, commit, clean } = source;
  return [
    {
      name: 'source',
      ...(remote && { uri: `git+${remote}@${commit}` }),
      digest: { gitCommit: commit },
      annotations: { clean },
    },
  ];
}

function dependencyDescriptor(one: Dependency): ResourceDescriptor {
  switch (one.kind) {
    case 'base':
      return { name: `image ${one.name}`, digest: { sha256: one.sha256 } };
    case 'file':
      return { name: one.path, digest: { sha256: one.sha256 } };
    case 'download':
      return { uri: one.url, digest: { sha256: one.sha256 } };
    case 'named-package':
      return { name: one.name, uri: packageUrlOf('deb', one.os, { name: one.name, version: one.version }) };
    case 'package': {
      const { name, version, architecture, sha256, urls } = one.package;
      return {
        name,
        uri: packageUrlOf('deb', one.os, { name, version, architecture }),
        digest: { sha256 },
        ...(urls[0] && { downloadLocation: urls[0] }),
      };
    }
  }
}
