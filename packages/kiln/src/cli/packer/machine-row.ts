/**
 * A row of Packer's machine-readable output
 * (https://developer.hashicorp.com/packer/docs/commands#format-for-machine-readable-output): the time in seconds, what
 * it is about, its type and its data, with commas and line ends escaped.
 */
export function machineRow(time: Date, target: string, type: string, data: readonly string[]): string {
  const seconds = Math.floor(time.getTime() / 1000);
  // A name with a comma or a line end in it would break the row as much as data would.
  return `${[String(seconds), target, type, ...data].map(escaped).join(',')}\n`;
}

function escaped(text: string): string {
  return text.replaceAll(',', '%!(PACKER_COMMA)').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}
