import { gunzipSync } from 'node:zlib';
import type { SourceLocation } from '../../../base/errors.ts';
import type { Content } from '../../../plan/profile.ts';
import { owner } from '../notations/names.ts';
import type { FileDraft } from '../sections/read-file.ts';
import { type CloudContext, refuse } from './cloud-context.ts';
import type { CloudConfig, WriteFileEntry } from './shape.ts';

/** Largest content that is unpacked, in bytes: a packed text of a few bytes may become any size. */
const largestUnpacked = 64 << 20;

/** The field `write_files`. Entries count in their order: a later one for the same path replaces an earlier one. */
export function readWriteFiles({ write_files: entries }: CloudConfig, context: CloudContext): void {
  if (!entries) return;
  const { layer, places } = context;
  const contents = new Map<string, Buffer>();
  entries.forEach((entry, index) => {
    const at = places.of(entries, index);
    const bytes = readBytes(entry, context);
    const attributes = readAttributes(entry, context);
    if (!bytes || !attributes) return;
    const { path } = entry;
    const before = contents.get(path);
    if (entry.append && !before) appendOnce(path, bytes, attributes, at, context);
    else {
      const whole = entry.append && before ? Buffer.concat([before, bytes]) : bytes;
      contents.set(path, whole);
      layer.add('files', path, at, { what: { kind: 'file', content: contentOf(whole) }, ...attributes });
    }
  });
}

function readBytes(entry: WriteFileEntry, context: CloudContext): Buffer | undefined {
  const { content = '', encoding = 'text/plain' } = entry;
  const { problems, places } = context;
  if (entry.source !== undefined) {
    refuse(
      context,
      entry,
      'source',
      'what is behind a URL may change at any time',
      'write the file in a profile that extends this one, with "url" and "digest"',
    );
    return undefined;
  }
  const isBase64 = /(?:^|\+)b(?:ase)?64$/.test(encoding);
  const isPacked = /^gz(?:ip)?(?:\+|$)/.test(encoding);
  if (encoding !== 'text/plain' && !isBase64 && !isPacked) {
    problems.error(
      places.of(entry, 'encoding'),
      `there is no encoding "${encoding}"`,
      'it is one of text/plain, b64, base64, gzip, gz, gz+b64, gzip+base64',
    );
    return undefined;
  }
  const at = places.of(entry, content === '' ? 'encoding' : 'content');
  const plain = content.replace(/\s+/g, '');
  const decoded = isBase64
    ? Buffer.from(plain, 'base64')
    : Buffer.from(content, isPacked ? 'latin1' : 'utf8');
  if (isBase64 && decoded.toString('base64').replace(/=+$/, '') !== plain.replace(/=+$/, '')) {
    problems.error(
      at,
      `the content of ${entry.path} is not base64`,
      'write it with `base64 FILE`, or take "encoding" out',
    );
    return undefined;
  }
  if (!isPacked || entry.content === undefined) return decoded;
  try {
    return gunzipSync(decoded, { maxOutputLength: largestUnpacked });
  } catch {
    problems.error(
      at,
      `the content of ${entry.path} cannot be unpacked`,
      'write it with `gzip -c FILE | base64`, and "encoding: gz+b64"',
    );
    return undefined;
  }
}

function readAttributes(entry: WriteFileEntry, { problems, places }: CloudContext): FileDraft | undefined {
  const read = owner.parse(entry.owner ?? 'root:root');
  if (read === undefined || 'problem' in read) {
    problems.error(
      places.of(entry, 'owner'),
      `"${entry.owner}" is no owner`,
      'write user:group, such as root:root',
    );
    return undefined;
  }
  return { mode: entry.permissions ?? 0o644, owner: read.owner, group: read.group ?? read.owner };
}

/** Bytes that are no text stay bytes. */
function contentOf(bytes: Buffer): Content {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) && !text.includes('\0')
    ? { kind: 'text', text }
    : { kind: 'bytes', base64: bytes.toString('base64') };
}

/** Puts something behind what a file of the system has, once. */
function appendOnce(
  path: string,
  bytes: Buffer,
  { mode, owner: user, group }: FileDraft,
  at: SourceLocation,
  { layer }: CloudContext,
): void {
  const quoted = `'${path.replaceAll("'", "'\\''")}'`;
  const text = `mkdir -p "$(dirname -- ${quoted})"
[ -e ${quoted} ] || { : > ${quoted} && chmod ${mode!.toString(8)} ${quoted} && chown ${user}:${group} ${quoted}; } || exit 1
base64 -d >> ${quoted} <<'END' || exit 1
${bytes.toString('base64').replace(/(.{76})/g, '$1\n')}
END
`;
  layer.addOnce(`append to ${path}`, 'after-files', at, text);
}
