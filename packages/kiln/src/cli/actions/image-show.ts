import { formatDuration } from '../../base/durations.ts';
import { KilnError } from '../../base/errors.ts';
import { kilnHome } from '../../base/home.ts';
import { formatSize } from '../../base/sizes.ts';
import type { AttachmentKind } from '../../store/attachment.ts';
import { describeOwner } from '../../store/pins.ts';
import { type ListedImage, openStore } from '../../store/store.ts';
import type { CommandInput } from '../command.ts';
import type { imageShowOptions } from '../commands/image.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { textTable } from '../text-table.ts';
import { imageJson, shortId, shortTime } from './image-json.ts';

export async function run(
  { options, args }: CommandInput<typeof imageShowOptions>,
  { stdout, env }: CliContext,
): Promise<number> {
  const store = openStore(kilnHome(env));
  const { id } = await store.getImage(args[0]!);
  const image = (await store.listImages()).find((one) => one.record.id === id);
  if (!image) throw new KilnError('not-found', `the image ${args[0]} was removed just now`);
  const disk = store.diskPath(image.record);
  if (options.json) stdout.line(JSON.stringify({ ...imageJson(image), disk }, null, 2));
  else stdout.write(textTable(describe(image, disk)));
  return exitCodes.ok;
}

const documentNames: Readonly<Record<AttachmentKind, string>> = {
  attestations: 'signed statements',
  spdx: 'SPDX',
  cyclonedx: 'CycloneDX',
  profile: 'profile',
  lock: 'lock',
};

function describe({ record, references, bytes, ownBytes, usedBy }: ListedImage, disk: string): string[][] {
  const { provenance } = record;
  const rows: [string, string | undefined][] = [
    ['names', references.join(', ') || '(none)'],
    ['id', `sha256:${record.id}`],
    ['created', shortTime(record.createdAt)],
    ['made by', `${provenance.made} (kiln ${provenance.kilnVersion})`],
    ['template', provenance.template?.file],
    ['base', provenance.base && shortId(provenance.base)],
    [
      'disk',
      `${formatSize(record.virtualSize)}, of which ${formatSize(bytes)} are stored and ${formatSize(ownBytes)} are its own`,
    ],
    ['file', disk],
    ['firmware', record.firmware.join(', ') || undefined],
    ['login', record.user],
    ['used by', usedBy.map(describeOwner).join(', ') || undefined],
    ['packages', provenance.packages && String(provenance.packages.length)],
    ['documents', record.attachments?.map(({ kind }) => documentNames[kind]).join(', ')],
    ...(provenance.steps ?? []).map(({ step, milliseconds }): [string, string] => [
      'step',
      `${step.replace(/^step (\d+) of \d+: /, '$1. ')} (${formatDuration(milliseconds)})`,
    ]),
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}
