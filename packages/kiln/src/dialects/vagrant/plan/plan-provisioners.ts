import type { Provisioner } from '../../../plan/provisioner.ts';
import { isTruthy } from '../finish/coerce.ts';
import type { VagrantProvisioner } from '../vagrant-config.ts';
import { planProxies } from './plan-proxies.ts';
import type { Planning } from './planning.ts';
import { provisionerCompilers } from './provisioners/provisioner-compilers.ts';

/** What is done to the machine when it is up, in order. Proxies come first: what follows may need them. */
export function planProvisioners(planning: Planning): readonly Provisioner[] {
  const own = planning.machine.provisioners.flatMap((one) => planProvisioner(one, planning) ?? []);
  return [...planProxies(planning), ...own];
}

function planProvisioner(provisioner: VagrantProvisioner, planning: Planning): Provisioner | undefined {
  const { name, type, run, before, after, communicatorRequired, supported, settings, at } = provisioner;
  // Reading the file said why.
  if (!supported) return undefined;
  const compile = Object.hasOwn(provisionerCompilers, type) ? provisionerCompilers[type] : undefined;
  if (compile === undefined) {
    planning.warn(`Kiln does not run the provisioner ${type}`, at);
    return undefined;
  }
  const steps = compile(provisioner, planning);
  const reconnect = type === 'shell' && isTruthy(settings['reset']);
  if (steps.length === 0 && !reconnect) return undefined;
  return {
    ...(name !== undefined && { name }),
    type,
    run,
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    needsGuest: communicatorRequired,
    steps,
    ...(reconnect && { reconnect }),
    at,
  };
}
