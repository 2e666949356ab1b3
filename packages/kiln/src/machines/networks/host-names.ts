import { readFile, writeFile } from 'node:fs/promises';
import { isSystemError } from '../../base/errors.ts';
import { isNameLine } from './guest-names.ts';
import { networkId } from './network-key.ts';
import type { NetworkState } from './network-state.ts';

/**
 * Keeps a block of this host's list of names (hosts(5)) for the machines that asked for it, and nothing else there.
 * @returns the block that could not be written, for want of the right to
 */
export async function updateHostNames(
  home: string,
  state: NetworkState,
  file = '/etc/hosts',
): Promise<string | undefined> {
  const lines = Object.values(state.members).flatMap(({ onHost, cards, names }) => {
    const card = cards.find((one) => one.ownsHostname) ?? cards.find((one) => one.address !== undefined);
    return onHost && card?.address ? [`${card.address} ${names.join(' ')}`].filter(isNameLine) : [];
  });
  const [begin, end] = [`# kiln ${networkId(home, 'home')}: begin`, `# kiln ${networkId(home, 'home')}: end`];
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES')) return undefined;
    throw error;
  }
  const at = text.indexOf(`${begin}\n`);
  const until = text.indexOf(`${end}\n`, at);
  const without = at < 0 || until < 0 ? text : text.slice(0, at) + text.slice(until + end.length + 1);
  const block = lines.length === 0 ? '' : `${[begin, ...lines, end].join('\n')}\n`;
  const separator = without === '' || without.endsWith('\n') || block === '' ? '' : '\n';
  const changed = `${without}${separator}${block}`;
  if (changed === text) return undefined;
  try {
    // In place: containers have this very file mounted.
    await writeFile(file, changed);
    return undefined;
  } catch (error) {
    if (isSystemError(error, 'EACCES', 'EPERM', 'EROFS')) return lines.join('\n');
    throw error;
  }
}
