import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { openStore } from '../../store/store.ts';
import { textAt } from '../runs/run-size.ts';

/**
 * A build of nothing, for tests of the service itself under load and faults: a template whose source is the
 * PlatformImage of the publisher `Kiln` and the offer `Null`. Servers take it only when they were started with
 * KILN_TEST_NULL_BUILDS=1.
 */
export interface NullBuild {
  /** How long each sub-state takes, in milliseconds; undefined: no process is started at all. */
  readonly milliseconds: number | undefined;
  /** Sub-state in which it fails. */
  readonly failsIn: number | undefined;
}

export const nullBuildVariable = 'KILN_TEST_NULL_BUILDS';

/** `sku` is `instant`, or milliseconds such as `250ms`; with `250ms-fail3` the third of four steps fails. */
export function nullBuildOf(template: unknown): NullBuild | undefined {
  const source = (name: string) => textAt(template, ['properties', 'source', name])?.toLowerCase();
  if (source('type') !== 'platformimage' || source('publisher') !== 'kiln' || source('offer') !== 'null')
    return undefined;
  const [, milliseconds, fails] = /^(\d+)ms(?:-fail([1-4]))?$/.exec(source('sku') ?? '') ?? [];
  return {
    milliseconds: milliseconds === undefined ? undefined : Math.min(Number(milliseconds), 600_000),
    failsIn: fails === undefined ? undefined : Number(fails),
  };
}

/** What `kiln build` runs for it: a Packer template without a machine, a step for each sub-state. */
export function nullTemplate({ milliseconds = 0, failsIn }: NullBuild): object {
  const words = ['building', 'customizing', 'optimizing', 'validating'];
  return {
    builders: [{ type: 'null', communicator: 'none' }],
    provisioners: words.map((word, index) => ({
      type: 'shell-local',
      inline: [
        `echo ${word}`,
        `sleep ${(milliseconds / 1000).toFixed(3)}`,
        ...(failsIn === index + 1 ? ['exit 1'] : []),
      ],
    })),
  };
}

const emptyDisk = 'kiln-null:latest';
let making: Promise<void> | undefined;

/** The image that builds of nothing make: an empty disk of 1 MiB, under a name of its own. Gives the name. */
export async function makeNullImage(home: string, name: string): Promise<string> {
  const store = openStore(home);
  try {
    await store.tag(emptyDisk, `${name}:latest`);
  } catch (error) {
    if (!(error instanceof KilnError && error.code === 'not-found')) throw error;
    making ??= importEmptyDisk(home).finally(() => {
      making = undefined;
    });
    await making;
    await store.tag(emptyDisk, `${name}:latest`);
  }
  return name;
}

async function importEmptyDisk(home: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-null-'));
  try {
    const disk = join(folder, 'empty.raw');
    await writeFile(disk, '');
    await truncate(disk, 1 << 20);
    await openStore(home).importImage(disk, { references: [emptyDisk], name: 'an empty disk' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
