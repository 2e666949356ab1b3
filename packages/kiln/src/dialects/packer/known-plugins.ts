import { isBuilderType } from './builders/builder.ts';
import { postProcessorTypes } from './post-processors/post-processor.ts';
import { provisionerTypes } from './provisioners/provisioner.ts';

export type ComponentKind = 'builder' | 'provisioner' | 'post-processor' | 'datasource';

/** A plugin of Packer, and the components that made up Packer's own stock before plugins were taken out of it. */
export interface KnownPlugin {
  /** What templates call it. */
  readonly name: string;
  readonly source: string;
  readonly builders?: readonly string[];
  readonly provisioners?: readonly string[];
  readonly postProcessors?: readonly string[];
}

const hashicorp = 'github.com/hashicorp';

/** Those that templates in JSON use without saying so: https://developer.hashicorp.com/packer/integrations */
export const knownPlugins: readonly KnownPlugin[] = [
  {
    name: 'alicloud',
    source: `${hashicorp}/alicloud`,
    builders: ['alicloud-ecs'],
    postProcessors: ['alicloud-import'],
  },
  {
    name: 'amazon',
    source: `${hashicorp}/amazon`,
    builders: ['amazon-chroot', 'amazon-ebs', 'amazon-ebssurrogate', 'amazon-ebsvolume', 'amazon-instance'],
    postProcessors: ['amazon-import'],
  },
  { name: 'ansible', source: `${hashicorp}/ansible`, provisioners: ['ansible', 'ansible-local'] },
  {
    name: 'azure',
    source: `${hashicorp}/azure`,
    builders: ['azure-arm', 'azure-chroot', 'azure-dtl'],
    provisioners: ['azure-dtlartifact'],
  },
  { name: 'chef', source: `${hashicorp}/chef`, provisioners: ['chef-client', 'chef-solo'] },
  { name: 'cloudstack', source: `${hashicorp}/cloudstack`, builders: ['cloudstack'] },
  { name: 'converge', source: `${hashicorp}/converge`, provisioners: ['converge'] },
  {
    name: 'digitalocean',
    source: 'github.com/digitalocean/digitalocean',
    builders: ['digitalocean'],
    postProcessors: ['digitalocean-import'],
  },
  {
    name: 'docker',
    source: `${hashicorp}/docker`,
    builders: ['docker'],
    postProcessors: ['docker-import', 'docker-push', 'docker-save', 'docker-tag'],
  },
  {
    name: 'googlecompute',
    source: `${hashicorp}/googlecompute`,
    builders: ['googlecompute'],
    postProcessors: ['googlecompute-export', 'googlecompute-import'],
  },
  { name: 'hcloud', source: 'github.com/hetznercloud/hcloud', builders: ['hcloud'] },
  { name: 'hyperone', source: `${hashicorp}/hyperone`, builders: ['hyperone'] },
  { name: 'hyperv', source: `${hashicorp}/hyperv`, builders: ['hyperv-iso', 'hyperv-vmcx'] },
  { name: 'inspec', source: `${hashicorp}/inspec`, provisioners: ['inspec'] },
  { name: 'jdcloud', source: `${hashicorp}/jdcloud`, builders: ['jdcloud'] },
  { name: 'linode', source: 'github.com/linode/linode', builders: ['linode'] },
  { name: 'lxc', source: `${hashicorp}/lxc`, builders: ['lxc'] },
  { name: 'lxd', source: `${hashicorp}/lxd`, builders: ['lxd'] },
  { name: 'ncloud', source: `${hashicorp}/ncloud`, builders: ['ncloud'] },
  { name: 'oneandone', source: `${hashicorp}/oneandone`, builders: ['oneandone'] },
  { name: 'openstack', source: `${hashicorp}/openstack`, builders: ['openstack'] },
  { name: 'oracle', source: `${hashicorp}/oracle`, builders: ['oracle-classic', 'oracle-oci'] },
  {
    name: 'outscale',
    source: 'github.com/outscale/outscale',
    builders: ['osc-bsu', 'osc-bsusurrogate', 'osc-bsuvolume', 'osc-chroot'],
  },
  {
    name: 'parallels',
    source: 'github.com/Parallels/parallels',
    builders: ['parallels-iso', 'parallels-pvm'],
  },
  { name: 'profitbricks', source: `${hashicorp}/profitbricks`, builders: ['profitbricks'] },
  { name: 'proxmox', source: `${hashicorp}/proxmox`, builders: ['proxmox', 'proxmox-clone', 'proxmox-iso'] },
  { name: 'puppet', source: `${hashicorp}/puppet`, provisioners: ['puppet-masterless', 'puppet-server'] },
  { name: 'qemu', source: `${hashicorp}/qemu`, builders: ['qemu'] },
  { name: 'salt', source: `${hashicorp}/salt`, provisioners: ['salt-masterless'] },
  { name: 'scaleway', source: 'github.com/scaleway/scaleway', builders: ['scaleway'] },
  { name: 'tencentcloud', source: `${hashicorp}/tencentcloud`, builders: ['tencentcloud-cvm'] },
  { name: 'triton', source: `${hashicorp}/triton`, builders: ['triton'] },
  {
    name: 'ucloud',
    source: `${hashicorp}/ucloud`,
    builders: ['ucloud-uhost'],
    postProcessors: ['ucloud-import'],
  },
  {
    name: 'vagrant',
    source: `${hashicorp}/vagrant`,
    builders: ['vagrant'],
    postProcessors: ['vagrant', 'vagrant-cloud'],
  },
  {
    name: 'virtualbox',
    source: `${hashicorp}/virtualbox`,
    builders: ['virtualbox-iso', 'virtualbox-ovf', 'virtualbox-vm'],
  },
  { name: 'vmware', source: `${hashicorp}/vmware`, builders: ['vmware-iso', 'vmware-vmx'] },
  {
    name: 'vsphere',
    source: `${hashicorp}/vsphere`,
    builders: ['vsphere-clone', 'vsphere-iso'],
    postProcessors: ['vsphere', 'vsphere-template'],
  },
  {
    name: 'yandex',
    source: `${hashicorp}/yandex`,
    builders: ['yandex'],
    postProcessors: ['yandex-export', 'yandex-import'],
  },
];

/** The plugin that a component comes from, where it is known. */
export function pluginOf(kind: ComponentKind, type: string): KnownPlugin | undefined {
  return knownPlugins.find((plugin) => componentsOf(plugin, kind).includes(type));
}

/** Whether Kiln runs a component itself. */
export function isBuiltIn(kind: Exclude<ComponentKind, 'datasource'>, type: string): boolean {
  switch (kind) {
    case 'builder':
      return isBuilderType(type);
    case 'provisioner':
      return provisionerTypes.includes(type);
    case 'post-processor':
      return postProcessorTypes.includes(type);
  }
}

/** What of a plugin Kiln has itself, such as `the builder qemu`. `source` is as in `required_plugins`. */
export function builtInOf(source: string): readonly string[] {
  const plugin = knownPlugins.find((one) => one.source.toLowerCase() === source.toLowerCase());
  if (!plugin) return [];
  return (['builder', 'provisioner', 'post-processor'] as const).flatMap((kind) =>
    componentsOf(plugin, kind)
      .filter((type) => isBuiltIn(kind, type))
      .map((type) => `the ${kind} ${type}`),
  );
}

function componentsOf(plugin: KnownPlugin, kind: ComponentKind): readonly string[] {
  switch (kind) {
    case 'builder':
      return plugin.builders ?? [];
    case 'provisioner':
      return plugin.provisioners ?? [];
    case 'post-processor':
      return plugin.postProcessors ?? [];
    case 'datasource':
      return [];
  }
}
