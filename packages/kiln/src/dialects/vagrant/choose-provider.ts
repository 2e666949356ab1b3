/** What is known from outside of the file about which provider a machine is for. */
export interface ProviderWishes {
  /** `--provider`. */
  readonly forced: string | undefined;
  /** `VAGRANT_DEFAULT_PROVIDER`. */
  readonly fallback: string | undefined;
  /** `VAGRANT_PREFERRED_PROVIDERS`. */
  readonly preferred: readonly string[];
  /** Providers of machines that are there already. */
  readonly existing: Readonly<Record<string, string>>;
  /** What can be used on this host, the best first. */
  readonly usable: readonly string[];
}

/** Kiln's own provider. Blocks for libvirt are meant for it too: both start QEMU. */
export const ownProvider = 'qemu';

/** Providers whose machines Kiln makes with its own: what their blocks say is taken for what it means. */
export const standsFor: ReadonlySet<string> = new Set([
  'hyperv',
  'libvirt',
  'parallels',
  'utm',
  'virtualbox',
  'vmware_desktop',
  'vmware_fusion',
  'vmware_workstation',
]);

export const defaultProviders: readonly string[] = [ownProvider, 'docker'];

/**
 * The provider of a machine, as Vagrant chooses: that of the machine that is there, the one asked for, the default, the
 * first usable one that the file mentions (preferred ones first), the best usable one.
 * https://developer.hashicorp.com/vagrant/docs/providers/basic_usage#default-provider
 */
export function chooseProvider(
  machine: string,
  mentioned: readonly string[],
  wishes: ProviderWishes,
): string {
  const given = wishes.existing[machine] ?? wishes.forced ?? wishes.fallback;
  if (given !== undefined) return given;
  const usable = (name: string) => wishes.usable.includes(ownName(name));
  const found =
    mentioned.find((name) => usable(name) && wishes.preferred.includes(name)) ??
    mentioned.find(usable) ??
    wishes.preferred.find(usable) ??
    // Containers need an image that only a block for docker can name.
    wishes.usable.find((name) => name !== 'docker') ??
    ownProvider;
  return ownName(found);
}

/** Whose `override` blocks are for a provider, in the order in which they are applied. */
export function overridesOf(provider: string): readonly string[] {
  return provider === ownProvider ? ['libvirt', ownProvider] : [provider];
}

/** Whose boxes a provider's machines can be made from, the best first. */
export function boxFormatsOf(provider: string): readonly string[] {
  if (provider === ownProvider) return ['libvirt', 'qemu', 'virtualbox', 'vmware_desktop'];
  return provider.startsWith('vmware_') ? ['vmware_desktop', provider] : [provider];
}

/** Providers that make machines without a box, from other media; Kiln's own does where the file speaks of libvirt. */
export function isBoxOptional(provider: string, mentioned: readonly string[]): boolean {
  if (provider === ownProvider) return mentioned.includes('libvirt');
  return provider === 'docker' || provider === 'libvirt';
}

function ownName(provider: string): string {
  return standsFor.has(provider) ? ownProvider : provider;
}
