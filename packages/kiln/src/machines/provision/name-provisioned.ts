import type { MachineSpec } from '../../plan/machine-spec.ts';
import type { MachineServices } from '../machine-services.ts';
import { describeImage, newRecord } from '../new-record.ts';
import { storeImage } from '../store-image.ts';
import { warmKey } from '../warm/warm-key.ts';
import type { ProvisionMode } from './provision-mode.ts';
import { type ProvisionedKey, provisionedKey } from './provisioned-key.ts';

export interface NamingOptions {
  readonly mode: ProvisionMode;
  /** Folder that relative paths refer to. */
  readonly folder: string;
  /** Texts that nobody may see. */
  readonly secrets: readonly string[];
}

/**
 * Names what a new machine is to be once it is provisioned: whoever has kept such a machine need not do it again.
 * @throws KilnError as the image's resolver, `storeImage` and `provisionedKey`
 */
export async function nameProvisioned(
  services: MachineServices,
  spec: MachineSpec,
  { mode, folder, secrets }: NamingOptions,
): Promise<ProvisionedKey> {
  if (mode.kind !== 'automatic') return none('it is said what is to be done');
  if (spec.provisioners.length === 0) return none('the machine has no provisioners');
  if (spec.container) return none('a container has no memory that could be kept');
  if (spec.networks.some(({ address }) => address === undefined))
    return none('a network card of its has an address that is chosen when it comes up');
  // Memory, and the disk, may have them in clear.
  if (secrets.length > 0) return none('the provisioners handle secrets');
  const { emit, signal } = services;
  const local = await services.images.resolve(spec.image, { emit, build: spec.name, signal });
  const image = await storeImage(services, local, describeImage(spec.image));
  const boot = await warmKey(services, newRecord(spec, image, undefined), spec);
  if (boot.kind === 'none') return boot;
  const machine = { boot: boot.key };
  return provisionedKey({ home: services.home, spec, image: image.digest, machine, folder, secrets });
}

function none(reason: string): ProvisionedKey {
  return { kind: 'none', reason };
}
