import { readFile, rename } from 'node:fs/promises';
import { KilnError, messageOf } from '../base/errors.ts';
import { makeCd } from '../hosts/qemu/cd-image.ts';
import type { CloudInitPart } from '../plan/machine-spec.ts';
import type { MachineFiles, MachineRecord } from './machine-record.ts';

/**
 * Makes the CD that cloud-init in the machine reads (its data source NoCloud: a volume `cidata` with `user-data` and
 * `meta-data`).
 * @throws KilnError `file-missing` for a part that cannot be read, `tool-missing`, `tool-failed`, `cancelled`
 */
export async function makeCloudSeed(
  files: Pick<MachineFiles, 'folder' | 'cloudSeed'>,
  parts: readonly CloudInitPart[],
  record: Pick<MachineRecord, 'id' | 'hostname'>,
  signal: AbortSignal,
): Promise<void> {
  const metaData = [
    `instance-id: kiln-${record.id}`,
    ...(record.hostname === '' ? [] : [`local-hostname: ${record.hostname}`]),
    '',
  ].join('\n');
  const image = await makeCd({
    files: [],
    content: { 'user-data': await userData(parts), 'meta-data': metaData },
    label: 'cidata',
    scratch: files.folder,
    signal,
  });
  await rename(image, files.cloudSeed);
}

/** Several parts are one MIME message (RFC 2046), which cloud-init takes apart. */
export async function userData(parts: readonly CloudInitPart[]): Promise<string> {
  const texts = await Promise.all(parts.map(textOf));
  if (texts.length === 1 && /^(?:#|Content-Type:|From )/.test(texts[0]!)) return texts[0]!;
  let boundary = 'kiln-part';
  while (texts.some((text) => text.includes(boundary))) boundary += '-';
  const sections = parts.map(({ contentType, fileName }, at) => {
    const name = (fileName ?? `part-${at + 1}`).replace(/["\r\n]/g, '_');
    return [
      `--${boundary}`,
      `Content-Type: ${contentType}; charset="utf-8"`,
      'MIME-Version: 1.0',
      'Content-Transfer-Encoding: base64',
      `Content-Disposition: attachment; filename="${name}"`,
      '',
      Buffer.from(texts[at]!).toString('base64').replace(/.{76}/g, '$&\n'),
    ].join('\n');
  });
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    'MIME-Version: 1.0',
    '',
    ...sections,
    `--${boundary}--`,
    '',
  ].join('\n');
}

async function textOf({ content }: CloudInitPart): Promise<string> {
  if (content.kind === 'text') return content.text;
  try {
    return await readFile(content.path, 'utf8');
  } catch (error) {
    throw new KilnError('file-missing', `${content.path} cannot be read: ${messageOf(error)}`, {
      hint: 'cloud-init’s parts are files of this host',
      cause: error,
    });
  }
}
