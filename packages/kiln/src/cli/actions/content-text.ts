import { readFile } from 'node:fs/promises';
import { isSystemError, KilnError } from '../../base/errors.ts';
import type { Profile } from '../../plan/profile.ts';
import type { ResourceReport } from '../../profile/apply/reports.ts';
import { unifiedDiff } from '../unified-diff.ts';

/** How the text of a file differs from what it should be, where both are known and short. */
export async function contentText(report: ResourceReport, profile: Profile): Promise<string | undefined> {
  const { resource, content } = report;
  if (resource.kind !== 'file' || content === undefined) return undefined;
  const wanted = await wantedText(resource.name, profile);
  const actual = plainText(content);
  if (wanted === undefined || actual === undefined) return undefined;
  try {
    return await unifiedDiff({ label: 'there', text: actual }, { label: 'in the profile', text: wanted });
  } catch (error) {
    // Without the program it is told only that the content differs.
    if (error instanceof KilnError && error.code === 'tool-missing') return undefined;
    throw error;
  }
}

async function wantedText(path: string, { files, services }: Profile): Promise<string | undefined> {
  const file = files.find((one) => one.path === path);
  if (file?.kind === 'file' && !file.secret) {
    const { content } = file;
    if (content?.kind === 'text') return content.text;
    if (content?.kind === 'bytes') return plainText(Buffer.from(content.base64, 'base64'));
    if (content?.kind === 'local') return await readIfText(content.path);
  }
  for (const { name, unit, dropIn } of services) {
    if (path === `/etc/systemd/system/${name}`) return unit;
    if (path === `/etc/systemd/system/${name}.d/kiln.conf`) return dropIn;
  }
  return undefined;
}

async function readIfText(path: string): Promise<string | undefined> {
  try {
    return plainText(await readFile(path));
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES')) return undefined;
    throw error;
  }
}

const longest = 32_768;

function plainText(bytes: Uint8Array): string | undefined {
  if (bytes.length > longest || bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
