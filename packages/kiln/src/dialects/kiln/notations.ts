import { isAbsolute, resolve } from 'node:path';
import { parseDuration } from '../../base/durations.ts';
import { parseSize } from '../../base/sizes.ts';
import type { PortForward } from '../../plan/machine-spec.ts';
import { type NotationProblem, notation } from './schema/shape.ts';

/** Bytes, written as `512M` or `4G`. */
export const size = notation<number>({
  expected: 'a size such as 512M or 4G',
  pattern: '^\\s*\\d+(\\.\\d+)?\\s*([kKmMgGtT]([iI]?[bB])?)\\s*$',
  allowsNumber: false,
  parse: (text) => {
    const bytes = parseSize(text);
    if (bytes === undefined) return undefined;
    // Nobody means 4 bytes: a number alone has lost its unit.
    if (/^\s*[\d.]+\s*$/.test(text)) {
      return { problem: `"${text}" has no unit`, hint: `write ${text}M or ${text}G` };
    }
    if (bytes < 1 << 20) return { problem: `${text} is too small`, hint: 'the least is 1M' };
    return bytes;
  },
});

/** Milliseconds, written as `30s` or `1h30m`. */
export const duration = notation<number>({
  expected: 'a duration such as 30s, 5m or 1h30m',
  pattern: '^(\\d+(\\.\\d+)?(ms|s|m|h))+$',
  allowsNumber: false,
  parse: (text) => {
    if (/^\d+(?:\.\d+)?$/.test(text) && text !== '0') {
      return { problem: `"${text}" has no unit`, hint: `write ${text}s for seconds` };
    }
    const milliseconds = parseDuration(text);
    return milliseconds === undefined || milliseconds < 0 ? undefined : milliseconds;
  },
});

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

/** A user of the machine. */
export const userName = notation<string>({
  expected: 'a user name such as "root" or "debian"',
  pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$',
  allowsNumber: false,
  parse: (text) => (/^[a-z0-9_][\w.-]*$/i.test(text) ? text : undefined),
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

/** A host name as RFC 1123 has it. */
export const hostName = notation<string>({
  expected: 'a host name such as "web-1"',
  pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$',
  allowsNumber: false,
  parse: (text) =>
    text.length <= 253 && /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(text) && !/\.\.|-\.|\.-/.test(text)
      ? text
      : undefined,
});

/** A tag of an image in the store, without the image's name. */
export const tag = notation<string>({
  expected: 'a tag such as "1.0" or "latest"',
  pattern: '^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$',
  allowsNumber: true,
  parse: (text) => (/^\w[\w.-]{0,127}$/.test(text) ? text : undefined),
});

/** Name of an image or a machine: it becomes a file name, a host name and part of the command line. */
export const nameKey = {
  pattern: '^(?=.{1,63}$)[a-z0-9]+([._-][a-z0-9]+)*$',
  expected: 'small letters, digits, ".", "_" and "-", such as "web-1"',
} as const;

/** An absolute path, from one that refers to the folder of kiln.yaml. */
export function fromFolder(folder: string, path: string): string {
  return isAbsolute(path) ? path : resolve(folder, path);
}
