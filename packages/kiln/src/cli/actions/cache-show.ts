import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../../base/files.ts';
import { kilnHome } from '../../base/home.ts';
import { formatSize } from '../../base/sizes.ts';
import { checkpointFiles, diskPath } from '../../store/checkpoints/checkpoint-files.ts';
import { getCheckpoint, type ListedCheckpoint } from '../../store/checkpoints/list-checkpoints.ts';
import { storeLayout } from '../../store/home.ts';
import { describeOwner } from '../../store/pins.ts';
import type { CommandInput } from '../command.ts';
import type { cacheShowOptions } from '../commands/cache.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { textTable } from '../text-table.ts';
import { checkpointJson, shortAge } from './checkpoint-json.ts';
import { shortId, shortTime } from './image-json.ts';

export async function run(
  { options, args }: CommandInput<typeof cacheShowOptions>,
  { stdout, env }: CliContext,
): Promise<number> {
  const home = kilnHome(env);
  const checkpoint = await getCheckpoint(home, args[0]!);
  if (options.json) stdout.line(JSON.stringify(checkpointJson(checkpoint), null, 2));
  else stdout.write(textTable(await describe(checkpoint, home)));
  return exitCodes.ok;
}

async function describe(checkpoint: ListedCheckpoint, home: string): Promise<string[][]> {
  const { record, usedAt, bytes, ownBytes, usedBy } = checkpoint;
  const files = checkpointFiles(storeLayout(home));
  const { memory } = record;
  const rows: [string, string | undefined][] = [
    ['key', record.key],
    ['build', record.build],
    ['after', record.step],
    ['made', atTime(new Date(record.createdAt))],
    ['last used', atTime(usedAt)],
    ['source image', record.base && (await describeBase(files.bases, record.base))],
    ...record.disks.map((layers): [string, string] => [
      'disk',
      `${diskPath(files, layers[0]!)} (${layers.length} ${layers.length === 1 ? 'layer' : 'layers'})`,
    ]),
    [
      'memory',
      memory
        ? `${formatSize(memory.size)}, kept in ${formatSize(record.files[memory.digest]!.bytes)}`
        : 'not kept: the machine boots from its disks',
    ],
    ['lost by that', record.lostByReboot.join(', ') || undefined],
    ['size', `${formatSize(bytes)}, of which ${formatSize(ownBytes)} are its own`],
    ['used by', usedBy.map(describeOwner).join(', ') || undefined],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

async function describeBase(bases: string, digest: string): Promise<string> {
  const link = join(bases, digest);
  const place = (await exists(link)) ? await readlink(link) : 'not on this host now';
  return `${shortId(digest)} (${place})`;
}

function atTime(date: Date): string {
  const age = shortAge(Date.now() - date.getTime());
  return `${shortTime(date.toISOString())} (${age === 'now' ? 'just now' : `${age} ago`})`;
}
