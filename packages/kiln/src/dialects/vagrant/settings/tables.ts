import { nfsSettings, packageSettings, pushSettings, smbSettings, vagrantSettings } from './core-settings.ts';
import { sshConnectSettings, sshSettings, winrmSettings, winsshSettings } from './login-settings.ts';
import { knownPlugins } from './plugin-settings.ts';
import { providerSettings } from './provider-settings.ts';
import { provisionerSettings } from './provisioner-settings.ts';
import type { Settings } from './setting.ts';
import { cloudInitSettings, diskSettings, triggerSettings, vmSettings } from './vm-settings.ts';

/** `config.NAME.*` of Vagrant itself. */
export const sectionSettings: Readonly<Record<string, Settings>> = {
  vm: vmSettings,
  ssh: sshSettings,
  winrm: winrmSettings,
  winssh: winsshSettings,
  vagrant: vagrantSettings,
  nfs: nfsSettings,
  smb: smbSettings,
  package: packageSettings,
};

/** The version of Vagrant whose behaviour Kiln has; what `Vagrant::VERSION` says. */
export const vagrantVersion = '2.4.9';

type Names = Readonly<Record<string, unknown>>;

/** What Ruby needs to know of all tables: names, and what is there before anything is set. */
export function rubyTables(): unknown {
  const initials = (settings: Settings): Names =>
    Object.fromEntries(Object.entries(settings).map(([name, { initial }]) => [name, initial ?? null]));
  const all = (tables: Readonly<Record<string, Settings>>): Names =>
    Object.fromEntries(Object.entries(tables).map(([name, settings]) => [name, initials(settings)]));
  return {
    version: vagrantVersion,
    sections: all(sectionSettings),
    ssh_default: initials(sshConnectSettings),
    disk: initials(diskSettings),
    cloud_init: initials(cloudInitSettings),
    trigger: initials(triggerSettings),
    providers: all(providerSettings),
    provisioners: all(provisionerSettings),
    pushes: all(pushSettings),
    plugins: knownPlugins.map(({ name, version, builtIn, sections = {}, provisioners = {} }) => ({
      name,
      version,
      built_in: builtIn,
      sections: all(sections),
      provisioners: all(provisioners),
    })),
  };
}
