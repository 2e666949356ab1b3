import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { digestFile } from '../../base/files.ts';
import type { TreeEntry } from '../../guests/local-tree.ts';
import type { Content } from '../../plan/profile.ts';

/** What goes beside a script, because it is large. */
export interface PayloadFile {
  /** Relative to the payload's folder. */
  readonly name: string;
  readonly from:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array };
}

/** Content as a script refers to it: `content_<id>` prints it. */
export interface ContentReference {
  readonly id: number;
  /** Lower-case hexadecimal SHA-256. */
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
}

export interface ContentOptions {
  /** Content that is larger goes into the payload; in bytes. */
  readonly largestEmbedded: number;
  /** Gets what a URL has into a local file; the digest has been checked. */
  readonly fetch: (url: string, digest: string) => Promise<string>;
}

/** The contents of a script: small ones as functions of shell in it, large ones as files beside it. The same is kept once. */
export class Contents {
  readonly #options: ContentOptions;
  readonly #known = new Map<string, ContentReference>();
  readonly #functions: string[] = [];
  readonly #payload: PayloadFile[] = [];
  #trees = 0;

  constructor(options: ContentOptions) {
    this.#options = options;
  }

  /** @throws KilnError `file-missing` for a local file that cannot be read, and what fetching throws */
  async add(content: Content): Promise<ContentReference> {
    switch (content.kind) {
      case 'text':
        return this.#addBytes(Buffer.from(content.text, 'utf8'));
      case 'bytes':
        return this.#addBytes(Buffer.from(content.base64, 'base64'));
      case 'local':
        return await this.#addFile(content.path);
      case 'url':
        return await this.#addFile(await this.#options.fetch(content.url, content.digest));
    }
  }

  /** Puts the files of a folder into the payload. Gives back the name of its folder there. */
  addTree(entries: readonly TreeEntry[]): string {
    this.#trees += 1;
    const folder = `tree-${this.#trees}`;
    for (const entry of entries) {
      if (entry.kind !== 'file') continue;
      this.#payload.push({ name: `${folder}/${entry.path}`, from: { kind: 'file', path: entry.local } });
    }
    return folder;
  }

  /** Functions of shell that print the contents. */
  get functions(): string {
    return this.#functions.join('\n');
  }

  get payload(): readonly PayloadFile[] {
    return this.#payload;
  }

  async #addFile(path: string): Promise<ContentReference> {
    try {
      const { size } = await stat(path);
      if (size <= this.#options.largestEmbedded) return this.#addBytes(await readFile(path));
      return this.#keep(await digestFile(path), size, { kind: 'file', path });
    } catch (error) {
      if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR')) throw error;
      throw new KilnError(
        'file-missing',
        `the file ${path} of the profile cannot be read: ${error.message}`,
        {
          hint: 'put it there, or take it out of the profile',
          cause: error,
        },
      );
    }
  }

  #addBytes(bytes: Buffer): ContentReference {
    const digest = createHash('sha256').update(bytes).digest('hex');
    return this.#keep(digest, bytes.length, { kind: 'bytes', bytes });
  }

  #keep(digest: string, size: number, from: PayloadFile['from']): ContentReference {
    const known = this.#known.get(digest);
    if (known) return known;
    const id = this.#known.size + 1;
    const reference = { id, digest, size };
    this.#known.set(digest, reference);
    if (from.kind === 'bytes' && size <= this.#options.largestEmbedded) {
      this.#functions.push(`content_${id}() {\n${embedded(Buffer.from(from.bytes))}\n}`);
    } else {
      const name = `content-${id}`;
      this.#payload.push({ name, from });
      this.#functions.push(`content_${id}() {\n  cat "$payload/${name}"\n}`);
    }
    return reference;
  }
}

/** Commands of shell that print bytes. Plain text stays readable. */
function embedded(bytes: Buffer): string {
  if (bytes.length === 0) return '  :';
  const text = bytes.toString('utf8');
  const delimiter = hereDelimiter(text);
  if (isPlain(text, bytes)) return `cat <<'${delimiter}'\n${text}${delimiter}`;
  const lines = bytes.toString('base64').match(/.{1,76}/g) ?? [];
  return `base64 -d <<'END'\n${lines.join('\n')}\nEND`;
}

/** Text that a here-document gives back as it is, in every shell. */
function isPlain(text: string, bytes: Buffer): boolean {
  if (!text.endsWith('\n') || /[\0-\x08\x0b-\x1f\x7f]/.test(text)) return false;
  return Buffer.from(text, 'utf8').equals(bytes);
}

function hereDelimiter(text: string): string {
  for (let number = 0; ; number += 1) {
    const delimiter = number === 0 ? 'END' : `END_${number}`;
    if (!text.split('\n').includes(delimiter)) return delimiter;
  }
}

/** Whether a local file or bytes are armoured OpenPGP, which begins with a line of its own. */
export async function isArmoured(content: Content, options: Pick<ContentOptions, 'fetch'>): Promise<boolean> {
  if (content.kind === 'text') return armour.test(content.text);
  if (content.kind === 'bytes') return armour.test(Buffer.from(content.base64, 'base64').toString('latin1'));
  const path = content.kind === 'local' ? content.path : await options.fetch(content.url, content.digest);
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8192), 0, 8192, 0);
    return armour.test(buffer.toString('latin1', 0, bytesRead));
  } finally {
    await handle.close();
  }
}

const armour = /^-----BEGIN PGP PUBLIC KEY BLOCK-----/m;
