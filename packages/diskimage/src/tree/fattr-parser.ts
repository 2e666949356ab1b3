import { DiskImageError } from '../read.ts';
import { treePath, type XattrParser, type XattrsByPath } from './xattr-parser.ts';

/**
 * Reads what `getfattr --dump --encoding=hex` prints: a line `# file: name`, lines `attribute=0x…`, an empty line.
 * Backslashes, line ends and, in attributes, equal signs come as `\ooo`.
 */
export class FattrParser implements XattrParser {
  readonly #keep: (name: string) => boolean;
  readonly #chunks: Buffer[] = [];

  constructor(keep: (name: string) => boolean) {
    this.#keep = keep;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  end(): XattrsByPath {
    const files = new Map<string, Map<string, Uint8Array>>();
    let path = '';
    for (const line of Buffer.concat(this.#chunks).toString('latin1').split('\n')) {
      if (line.startsWith('# file: ')) path = treePath(withoutEscapes(line.slice(8)));
      else if (line !== '') this.#attribute(files, path, line);
    }
    return files;
  }

  #attribute(files: Map<string, Map<string, Uint8Array>>, path: string, line: string): void {
    const equals = line.indexOf('=');
    const name = withoutEscapes(equals < 0 ? line : line.slice(0, equals));
    if (!this.#keep(name)) return;
    const value = equals < 0 ? '0x' : line.slice(equals + 1);
    if (!/^0x([0-9a-f]{2})*$/i.test(value))
      throw new DiskImageError(`getfattr gave a value that is not hexadecimal: ${value.slice(0, 100)}`);
    const own = files.get(path) ?? new Map<string, Uint8Array>();
    own.set(name, Buffer.from(value.slice(2), 'hex'));
    files.set(path, own);
  }
}

function withoutEscapes(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
