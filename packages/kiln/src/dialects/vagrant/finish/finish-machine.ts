import { readHardware } from '../hardware/read-hardware.ts';
import type { RawMachine } from '../ruby/raw-result.ts';
import { nfsSettings, packageSettings, smbSettings } from '../settings/core-settings.ts';
import { vmSettings } from '../settings/vm-settings.ts';
import type { VagrantMachine } from '../vagrant-config.ts';
import { checkVm } from './check-vm.ts';
import { finishSection, isTruthy } from './coerce.ts';
import { finishCloudInit, finishDisks } from './finish-disks.ts';
import { finishFolders } from './finish-folders.ts';
import { finishLogin } from './finish-login.ts';
import { finishNetworks } from './finish-networks.ts';
import { finishPlugins } from './finish-plugins.ts';
import { checkDocker, finishProviders } from './finish-providers.ts';
import { finishProvisioners } from './finish-provisioners.ts';
import { finishTriggers } from './finish-triggers.ts';
import type { MachineContext } from './machine-context.ts';

/** One machine with everything that is not said in the file filled in. What is wrong goes to the context's problems. */
export function finishMachine(raw: RawMachine, context: MachineContext): VagrantMachine {
  const { vm: rawVm, sections } = raw;
  const vm = finishSection(rawVm, vmSettings, 'config.vm', context);
  checkVm(vm, raw, context);
  const providers = finishProviders(rawVm.providers, context);
  if (context.provider === 'docker' && providers['docker'] !== undefined) {
    checkDocker(providers['docker'], raw.place, context);
  }
  const parts = {
    providers,
    mentionedProviders: [...new Set(raw.mentioned)],
    disks: finishDisks(rawVm.disks, context),
    plugins: finishPlugins(raw, context),
  };
  return {
    name: raw.name,
    at: context.problems.at(raw.place),
    primary: isTruthy(raw.options['primary']),
    autostart: raw.options['autostart'] === undefined || isTruthy(raw.options['autostart']),
    provider: context.provider,
    vm,
    networks: finishNetworks(rawVm.networks, vm.communicator, context),
    syncedFolders: finishFolders(rawVm.folders, context),
    provisioners: finishProvisioners(rawVm.provisioners, context),
    cloudInit: finishCloudInit(rawVm.cloud_init, context),
    ...parts,
    hardware: readHardware(parts, raw, context),
    ...finishLogin(raw, context),
    nfs: finishSection(sections['nfs'], nfsSettings, 'config.nfs', context),
    smb: finishSection(sections['smb'], smbSettings, 'config.smb', context),
    package: finishSection(sections['package'], packageSettings, 'config.package', context),
    triggers: {
      before: finishTriggers(raw.triggers.before, context),
      after: finishTriggers(raw.triggers.after, context),
    },
  };
}
