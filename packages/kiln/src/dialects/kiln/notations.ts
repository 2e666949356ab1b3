import { type NotationProblem, notation } from '../../base/yaml/shape.ts';
import type { PortForward } from '../../plan/machine-spec.ts';

/** Permission bits, written in octal as for chmod. */
export const mode = notation<number>({
  expected: 'permission bits such as "0644"',
  pattern: '^(0o?)?[0-7]{3,4}$',
  allowsNumber: true,
  parse: (text) =>
    /^(?:0o?)?[0-7]{3,4}$/.test(text) ? Number.parseInt(text.replace('o', ''), 8) : undefined,
});

/** `owner` or `owner:group`, names or numbers. */
export const owner = notation<string>({
  expected: 'an owner such as "www-data" or "www-data:adm"',
  pattern: '^[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+)?$',
  allowsNumber: true,
  parse: (text) => (/^[a-z0-9_][\w.-]*\$?(?::[a-z0-9_][\w.-]*\$?)?$/i.test(text) ? text : undefined),
});

/** A port forward in the notation of Compose: `[host_ip:]host:guest[/protocol]`. */
export const portForward = notation<PortForward>({
  expected: 'ports as "host:guest", such as "8080:80" or "127.0.0.1:5353:53/udp"',
  pattern: '^((\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-fA-F:]+\\]):)?\\d{1,5}:\\d{1,5}(/(tcp|udp))?$',
  allowsNumber: false,
  parse: parsePorts,
});

function parsePorts(text: string): PortForward | undefined | NotationProblem {
  if (/^\d+$/.test(text)) {
    return { problem: `"${text}" is only one port`, hint: `write "host:guest", such as "8080:${text}"` };
  }
  const match = /^(?:(\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]):)?(\d{1,5}):(\d{1,5})(?:\/(tcp|udp))?$/i.exec(
    text,
  );
  if (!match) return undefined;
  const [, address, hostText, guestText, protocol] = match;
  const host = Number(hostText);
  const guest = Number(guestText);
  for (const port of [host, guest]) {
    if (port < 1 || port > 65535)
      return { problem: `there is no port ${port}`, hint: 'ports go from 1 to 65535' };
  }
  if (address && !address.startsWith('[') && address.split('.').some((part) => Number(part) > 255)) {
    return { problem: `${address} is not an address` };
  }
  return {
    guest,
    host,
    hostAddress: address?.replace(/^\[|\]$/g, '') ?? '127.0.0.1',
    protocol: protocol?.toLowerCase() === 'udp' ? 'udp' : 'tcp',
    autoCorrect: true,
  };
}

/** A tag of an image in the store, without the image's name. */
export const tag = notation<string>({
  expected: 'a tag such as "1.0" or "latest"',
  pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$',
  allowsNumber: true,
  parse: (text) => (/^\w[\w.-]{0,127}$/.test(text) ? text : undefined),
});
