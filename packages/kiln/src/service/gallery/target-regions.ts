import { plainLocation } from '../regions/location.ts';
import { ServiceError } from '../service-error.ts';
import type { Body } from './body/read-body.ts';

/** A region that a version is, or shall be, in. */
export interface TargetRegion {
  /** Location in lower case without blanks. */
  readonly region: string;
  /** As it was written. */
  readonly name: string;
  readonly replicas: number;
  readonly storage: string;
  readonly excluded: boolean;
}

const usualStorage = 'Standard_LRS';
const mostReplicas = 100;

/**
 * Where a version shall be, from its publishing profile; by default in its own region alone.
 * @throws ServiceError 400 for regions that are named twice, too many replicas, or without the version's own region
 */
export function targetRegions(profile: Body, location: string): readonly TargetRegion[] {
  const usual = {
    replicas: (profile['replicaCount'] as number | undefined) ?? 1,
    storage: (profile['storageAccountType'] as string | undefined) ?? usualStorage,
  };
  const given = (profile['targetRegions'] as readonly Body[] | undefined) ?? [{ name: location }];
  const regions = given.map((one) => ({
    region: plainLocation(String(one['name'])),
    name: String(one['name']),
    replicas: (one['regionalReplicaCount'] as number | undefined) ?? usual.replicas,
    storage: (one['storageAccountType'] as string | undefined) ?? usual.storage,
    excluded: one['excludeFromLatest'] === true,
  }));
  checkRegions(regions, location);
  return regions;
}

function checkRegions(regions: readonly TargetRegion[], location: string): void {
  const target = 'properties.publishingProfile.targetRegions';
  const wrong = (message: string) => new ServiceError(400, 'InvalidParameter', message, { target });
  const twice = regions.find(({ region }, index) =>
    regions.slice(0, index).some((one) => one.region === region),
  );
  if (twice) throw wrong(`the region "${twice.name}" is among targetRegions twice`);
  const own = plainLocation(location);
  if (!regions.some(({ region }) => region === own)) {
    throw wrong(`the version's own region "${location}" has to be among targetRegions`);
  }
  const sum = regions.reduce((total, { replicas }) => total + replicas, 0);
  if (sum > mostReplicas) throw wrong(`a version has ${mostReplicas} replicas at most, not ${sum}`);
}

/** What is fixed about a publishing profile, and what excludes itself. @throws ServiceError 400 */
export function checkProfile(profile: Body): void {
  if (profile['storageAccountType'] !== undefined && profile['storageAccountStrategy'] !== undefined) {
    throw new ServiceError(
      400,
      'InvalidParameter',
      'publishingProfile has either storageAccountType or storageAccountStrategy, not both',
      { target: 'properties.publishingProfile.storageAccountStrategy' },
    );
  }
}

/** Regions as replies have them. */
export function regionBody(one: Omit<TargetRegion, 'region'>) {
  return {
    name: one.name,
    regionalReplicaCount: one.replicas,
    storageAccountType: one.storage,
    excludeFromLatest: one.excluded,
  };
}
