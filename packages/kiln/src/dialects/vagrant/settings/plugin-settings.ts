import { flag, list, map, type Settings, text, value } from './setting.ts';

/** A plugin of Vagrant as far as Vagrantfiles see it. */
export interface KnownPlugin {
  /** As `vagrant plugin install` has it. */
  readonly name: string;
  /** What `Vagrant.has_plugin?` compares with. */
  readonly version: string;
  /** Kiln does its work: `Vagrant.has_plugin?` says yes. */
  readonly builtIn: boolean;
  /** What happens with its settings, for people. */
  readonly outcome: string;
  /** `config.NAME.*`; an empty table takes anything. */
  readonly sections?: Readonly<Record<string, Settings>>;
  readonly provisioners?: Readonly<Record<string, Settings>>;
  /** Types of synced folders. */
  readonly folderTypes?: readonly string[];
}

const proxy: Settings = {
  enabled: value(true),
  http: text(null),
  https: text(null),
  ftp: text(null),
  no_proxy: text(null),
  autodetect: flag(null),
};
const packageProxy: Settings = {
  http: text(null),
  https: text(null),
  ftp: text(null),
  verify_peer: flag(null),
};
const hostNames: Settings = {
  aliases: value([], { initial: 'list' }),
  id: text(null),
  remove_on_suspend: flag(true),
  disable_clean: flag(false),
};

/** Those whose work Kiln does, then those that it only knows. */
export const knownPlugins: readonly KnownPlugin[] = [
  {
    name: 'vagrant-hostmanager',
    version: '1.8.10',
    builtIn: true,
    outcome: 'machines find each other by name; names on the host are kept by Kiln',
    sections: {
      hostmanager: {
        enabled: flag(false),
        manage_host: flag(false),
        manage_guest: flag(true),
        ignore_private_ip: flag(false),
        include_offline: flag(false),
        aliases: value([], { initial: 'list' }),
        extra_hosts: value([], { initial: 'list' }),
        ip_resolver: value(null),
      },
    },
    provisioners: { hostmanager: {} },
  },
  {
    name: 'vagrant-hostsupdater',
    version: '1.2.4',
    builtIn: true,
    outcome: 'the names are known on the host while the machine runs',
    sections: { hostsupdater: hostNames },
  },
  {
    name: 'vagrant-goodhosts',
    version: '1.1.8',
    builtIn: true,
    outcome: 'the names are known on the host while the machine runs',
    sections: { goodhosts: hostNames },
  },
  {
    name: 'vagrant-hosts',
    version: '2.9.0',
    builtIn: true,
    outcome: 'machines find each other by name',
    sections: { hosts: {} },
    provisioners: {
      hosts: {
        add_localhost_hostnames: flag(true),
        autoconfigure: flag(null),
        change_hostname: flag(true),
        exports: map(),
        hosts: list({ initial: 'list' }),
        imports: list(),
        sync_hosts: flag(false),
      },
    },
  },
  {
    name: 'vagrant-disksize',
    version: '0.1.3',
    builtIn: true,
    outcome: "the machine's first disk has that size",
    sections: { disksize: { size: text(null) } },
  },
  {
    name: 'vagrant-proxyconf',
    version: '2.0.10',
    builtIn: true,
    outcome: 'the machine is told of the proxies',
    sections: {
      proxy,
      apt_proxy: packageProxy,
      chef_proxy: proxy,
      docker_proxy: proxy,
      env_proxy: proxy,
      git_proxy: proxy,
      npm_proxy: proxy,
      pear_proxy: proxy,
      svn_proxy: proxy,
      yum_proxy: { http: text(null), enabled: value(true) },
    },
  },
  {
    name: 'vagrant-env',
    version: '0.0.3',
    builtIn: true,
    outcome: 'the file .env is read into ENV',
    sections: { env: {} },
  },
  {
    name: 'vagrant-cachier',
    version: '1.2.1',
    builtIn: true,
    outcome: 'nothing to do: provisioned machines are kept as states, so that packages are fetched once',
    sections: {
      cache: {
        scope: value(null),
        auto_detect: flag(true),
        synced_folder_opts: value(null),
        enable_nfs: flag(null),
      },
    },
  },
  {
    name: 'vagrant-vbguest',
    version: '0.32.0',
    builtIn: true,
    outcome: 'nothing to do: machines of Kiln need no VirtualBox guest additions',
    sections: { vbguest: {} },
  },
  {
    name: 'vagrant-reload',
    version: '0.0.1',
    builtIn: true,
    outcome: 'the machine is restarted there',
    provisioners: { reload: {} },
  },
  {
    name: 'vagrant-libvirt',
    version: '0.12.2',
    builtIn: true,
    outcome: 'its settings are those of Kiln’s QEMU',
  },
  {
    name: 'vagrant-qemu',
    version: '0.3.12',
    builtIn: true,
    outcome: 'its settings are those of Kiln’s QEMU',
  },
  { name: 'vagrant-scp', version: '0.5.9', builtIn: true, outcome: '`kiln upload` does the same' },
  {
    name: 'vagrant-sshfs',
    version: '1.3.7',
    builtIn: true,
    outcome: 'folders of type sshfs work',
    folderTypes: ['sshfs'],
  },
  { ...absent('landrush'), sections: { landrush: {} } },
  { ...absent('vagrant-alpine') },
  { ...absent('vagrant-aws') },
  { ...absent('vagrant-berkshelf'), sections: { berkshelf: {} } },
  { ...absent('vagrant-bindfs'), sections: { bindfs: {} } },
  { ...absent('vagrant-cucumber') },
  { ...absent('vagrant-dns'), sections: { dns: {} } },
  { ...absent('vagrant-docker-compose'), provisioners: { docker_compose: {} } },
  { ...absent('vagrant-exec'), sections: { exec: {} } },
  { ...absent('vagrant-faster') },
  { ...absent('vagrant-fsnotify'), sections: { fsnotify: {} } },
  { ...absent('vagrant-gatling-rsync'), sections: { gatling: {} } },
  { ...absent('vagrant-group'), sections: { group: {} } },
  { ...absent('vagrant-ignition'), sections: { ignition: {} } },
  { ...absent('vagrant-itamae'), provisioners: { itamae: {} } },
  { ...absent('vagrant-librarian-chef'), sections: { librarian_chef: {} } },
  { ...absent('vagrant-librarian-puppet'), sections: { librarian_puppet: {} } },
  { ...absent('vagrant-lxc') },
  { ...absent('vagrant-mutate') },
  { ...absent('vagrant-notify-forwarder'), sections: { notify_forwarder: {} } },
  { ...absent('vagrant-omnibus'), sections: { omnibus: {} } },
  { ...absent('vagrant-parallels') },
  { ...absent('vagrant-persistent-storage'), sections: { persistent_storage: {} } },
  { ...absent('vagrant-puppet-install'), sections: { puppet_install: {} } },
  { ...absent('vagrant-r10k'), sections: { r10k: {} } },
  { ...absent('vagrant-registration'), sections: { registration: {} } },
  { ...absent('vagrant-serverspec'), provisioners: { serverspec: {} } },
  { ...absent('vagrant-timezone'), sections: { timezone: {} } },
  { ...absent('vagrant-triggers') },
  { ...absent('vagrant-vmware-desktop') },
  { ...absent('vagrant-winnfsd'), sections: { winnfsd: {} } },
];

function absent(name: string): KnownPlugin {
  return { name, version: '0', builtIn: false, outcome: 'its settings have no effect' };
}
