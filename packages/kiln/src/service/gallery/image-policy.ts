import { sql } from 'kysely';
import { trustedKeys } from '../../supply/signing/trusted-keys.ts';
import { checkAttestations } from '../../supply/verify/check-attestations.ts';
import { localRegion } from '../regions/regions.ts';
import { ServiceError } from '../service-error.ts';
import { type Body, readBody } from './body/read-body.ts';
import type { GalleryServices } from './gallery-services.ts';
import type { VersionRow } from './latest.ts';

/** What a version must be, for `latest` or a channel to mean it. */
export interface ImagePolicy {
  /** Signed by a key that the service trusts. */
  readonly signed?: boolean;
  /** Made by a run whose template has validations, all of which succeeded. */
  readonly validated?: boolean;
  /** Published no longer ago than this. */
  readonly maxAgeDays?: number;
  /** Not deprecated. */
  readonly current?: boolean;
}

const day = 86_400_000;

/** @throws ServiceError 400 */
export function readPolicy(body: unknown): ImagePolicy {
  return readBody(body, {
    signed: { shape: { kind: 'boolean' } },
    validated: { shape: { kind: 'boolean' } },
    maxAgeDays: { shape: { kind: 'integer', min: 1, max: 36_500 } },
    current: { shape: { kind: 'boolean' } },
  }) as ImagePolicy;
}

/** Why a version does not meet a policy; undefined when it does. */
export async function policyFault(
  services: GalleryServices,
  policy: ImagePolicy,
  version: VersionRow,
): Promise<string | undefined> {
  const { maxAgeDays, current, validated, signed } = policy;
  if (current && version.deprecated_at) return `it is deprecated (${version.deprecation ?? ''})`;
  if (maxAgeDays !== undefined) {
    const age = services.context.now().getTime() - (version.published_at ?? version.created_at).getTime();
    if (age > maxAgeDays * day)
      return `it was published ${Math.floor(age / day)} days ago, and ${maxAgeDays} are allowed`;
  }
  if (validated && !(await wasValidated(services, version))) return 'no run has validated it';
  return signed ? signatureFault(services, version) : undefined;
}

/** @throws ServiceError 409 PolicyViolation */
export async function demandPolicy(
  services: GalleryServices,
  policy: ImagePolicy,
  version: VersionRow,
  what: string,
): Promise<void> {
  const fault = await policyFault(services, policy, version);
  if (fault === undefined) return;
  throw new ServiceError(409, 'PolicyViolation', `version ${version.name} cannot be in ${what}: ${fault}`);
}

async function wasValidated({ context }: GalleryServices, { run_id }: VersionRow): Promise<boolean> {
  if (run_id === null) return false;
  const run = await context.database
    .selectFrom('runs')
    .select('template')
    .where('id', '=', run_id)
    .executeTakeFirst();
  const validations = run ? validatorsOf(JSON.parse(run.template) as Body) : 0;
  if (validations === 0) return false;
  const steps = await context.database
    .selectFrom('run_steps')
    .select(['name', 'state'])
    .where('run_id', '=', run_id)
    .where('sub_state', '=', 'Validating')
    .where('attempt', '=', (where) =>
      where
        .selectFrom('run_steps as newest')
        .select(sql<number>`max(newest.attempt)`.as('attempt'))
        .where('newest.run_id', '=', run_id),
    )
    .execute();
  return steps.length > 0 && steps.every(({ state }) => state === 'Succeeded' || state === 'Restored');
}

function validatorsOf(template: Body): number {
  const properties = template['properties'] as Body | undefined;
  const validate = properties?.['validate'] as Body | undefined;
  return (validate?.['inVMValidations'] as readonly unknown[] | undefined)?.length ?? 0;
}

async function signatureFault(
  { bytes, context }: GalleryServices,
  { digest }: VersionRow,
): Promise<string | undefined> {
  if (digest === null) return 'it has no bytes yet';
  const { store, record } = await bytes.whole(digest, localRegion);
  const bundle = await store.readAttachment(record, 'attestations');
  if (!bundle) return 'it is not signed';
  const { checks } = checkAttestations({
    sha256: digest,
    bundle: bundle.toString('utf8'),
    trusted: await trustedKeys(context.home),
    mustBeSigned: true,
  });
  return checks.find(({ result }) => result === 'bad')?.text;
}
