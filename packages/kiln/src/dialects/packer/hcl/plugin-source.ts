/**
 * Why a plugin's source, such as `github.com/hashicorp/qemu`, is not one
 * (https://developer.hashicorp.com/packer/docs/plugins/creation#plugin-development-basics); undefined when it is.
 */
export function pluginSourceFault(source: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(source)) return 'it has no scheme such as https://';
  if (/[?#]/.test(source)) return 'it has neither ? nor #';
  if (source.startsWith('/') || source.endsWith('/')) return 'it neither begins nor ends with a slash';
  const parts = source.split('/').filter((part) => part !== '');
  if (source.split('/').length < 3) return 'it has a host, a namespace and a name';
  if (parts.length > 16) return 'it has at most 16 parts';
  const name = parts.at(-1)!;
  if (name.startsWith('packer-')) {
    return `its name goes without the prefix: ${name.replace(/^packer-(?:plugin-)?/, '')}`;
  }
  return pluginNameFault(name);
}

/** Why the last part of a plugin's source cannot be a name; undefined when it can. */
export function pluginNameFault(name: string): string | undefined {
  if (name.includes('--')) return 'its name has no two dashes in a row';
  if (!/^[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?$/u.test(name))
    return 'its name has letters, digits and dashes, and no dash at the ends';
  return undefined;
}
