/** A location as names are compared: `West Europe`, `westeurope` and `WestEurope` are one. */
export function plainLocation(location: string): string {
  return location.toLowerCase().replaceAll(/\s+/g, '');
}
