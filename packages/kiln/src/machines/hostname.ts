/** A host name from a machine's name (RFC 1123): letters, digits and hyphens, at most 63. */
export function hostnameOf(name: string): string {
  const label = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return label.slice(0, 63) || 'machine';
}
