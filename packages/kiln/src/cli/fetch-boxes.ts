import type { MachineServices } from '../machines/machine-services.ts';
import type { BoxImage } from '../plan/image-ref.ts';
import type { MachineSpec } from '../plan/machine-spec.ts';
import { findBox } from '../store/boxes/stored-boxes.ts';
import { vagrantHome } from '../store/boxes/vagrant-home.ts';

/**
 * Gets the boxes of machines that are not on this host yet. A box has a Vagrantfile of its own as a rule: when this gives
 * true, the project is to be read again.
 * @throws KilnError as the images' resolver
 */
export async function fetchBoxes(
  services: Pick<MachineServices, 'images' | 'emit' | 'signal'>,
  specs: readonly MachineSpec[],
  env: NodeJS.ProcessEnv,
): Promise<boolean> {
  const missing = await missingBoxes(specs, env);
  for (const { name, image } of missing) {
    await services.images.resolve(image, { emit: services.emit, signal: services.signal, build: name });
  }
  return missing.length > 0;
}

/** The machines whose boxes are not here, one for each box. */
export async function missingBoxes(
  specs: readonly MachineSpec[],
  env: NodeJS.ProcessEnv,
): Promise<readonly { readonly name: string; readonly image: BoxImage }[]> {
  const home = vagrantHome(env);
  const missing = new Map<string, { readonly name: string; readonly image: BoxImage }>();
  for (const { name, image } of specs) {
    if (image.kind !== 'box' || (await findBox(home, image)) !== undefined) continue;
    const key = JSON.stringify([image.name, image.version, image.providers]);
    if (!missing.has(key)) missing.set(key, { name, image });
  }
  return [...missing.values()];
}
