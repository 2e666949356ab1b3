import { type BoxUser, boxUsers } from '../../store/boxes/box-users.ts';
import { deleteBoxes } from '../../store/boxes/change-boxes.ts';
import { compareVersions, listBoxes, type StoredBox } from '../../store/boxes/stored-boxes.ts';
import { Run } from '../../store/run.ts';
import type { BoxServices } from './box-services.ts';

/** Which boxes of a name are to go. What is not said must be clear without: there is only one, or all are meant. */
export interface RemoveWish {
  readonly name: string;
  readonly provider?: string;
  /** As it is listed; no constraint. */
  readonly version?: string;
  readonly architecture?: string;
  readonly allVersions?: boolean;
  readonly allProviders?: boolean;
  readonly allArchitectures?: boolean;
}

/** What a wish comes down to: boxes, or what would have to be said. */
export type RemoveSelection =
  | { readonly kind: 'boxes'; readonly boxes: readonly StoredBox[] }
  | { readonly kind: 'no-box' }
  | { readonly kind: 'no-provider' | 'several-providers'; readonly choices: readonly string[] }
  | { readonly kind: 'no-version' | 'several-versions'; readonly choices: readonly string[] }
  | { readonly kind: 'no-architecture' | 'several-architectures'; readonly choices: readonly string[] };

/** How an architecture that is not known is written. */
const unknownArchitecture = 'unknown';

export async function selectBoxes({ boxes: home }: BoxServices, wish: RemoveWish): Promise<RemoveSelection> {
  let left: readonly StoredBox[] = (await listBoxes(home)).filter(({ name }) => name === wish.name);
  if (left.length === 0) return { kind: 'no-box' };
  const narrow = (of: (box: StoredBox) => string, wanted: string | undefined, all: boolean | undefined) => {
    const choices = [...new Set(left.map(of))];
    if (wanted !== undefined) left = left.filter((box) => of(box) === wanted);
    return left.length === 0
      ? 'none'
      : wanted === undefined && !all && choices.length > 1
        ? 'several'
        : 'clear';
  };
  const steps = [
    ['provider', 'providers', (box: StoredBox) => box.provider, wish.provider, wish.allProviders],
    ['version', 'versions', (box: StoredBox) => box.version, wish.version, wish.allVersions],
    [
      'architecture',
      'architectures',
      (box: StoredBox) => box.architecture ?? unknownArchitecture,
      wish.architecture,
      wish.allArchitectures,
    ],
  ] as const;
  for (const [one, several, of, wanted, all] of steps) {
    const choices = [...new Set(left.map(of))];
    const outcome = narrow(of, wanted, all);
    if (outcome === 'none') return { kind: `no-${one}`, choices };
    if (outcome === 'several') return { kind: `several-${several}`, choices };
  }
  return { kind: 'boxes', boxes: left };
}

export interface RemoveOptions {
  /** Remove boxes that Vagrant's machines stand on, too. */
  readonly force: boolean;
  /** Asked of each box that is in use when not forced. Without it such boxes stay. */
  readonly confirm?: (box: StoredBox, users: readonly BoxUser[]) => Promise<boolean>;
}

export interface RemovedBoxes {
  readonly removed: readonly StoredBox[];
  /** Left because machines of Vagrant stand on them. */
  readonly kept: readonly { readonly box: StoredBox; readonly users: readonly BoxUser[] }[];
}

/** Removes boxes, except those in use. Images and machines of Kiln that came from them stay as they are. */
export async function removeBoxes(
  services: BoxServices,
  boxes: readonly StoredBox[],
  { force, confirm }: RemoveOptions,
): Promise<RemovedBoxes> {
  const removed: StoredBox[] = [];
  const kept: { box: StoredBox; users: readonly BoxUser[] }[] = [];
  for (const box of boxes) {
    const users = force ? [] : await boxUsers(services.boxes, box);
    if (users.length === 0 || (await confirm?.(box, users))) removed.push(box);
    else kept.push({ box, users });
  }
  const run = await Run.open(services.home);
  try {
    await deleteBoxes(services.boxes, removed, run);
  } finally {
    await run.close();
  }
  return { removed, kept };
}

export interface PrunePlan {
  /** The newest of each name, provider and architecture. */
  readonly newest: readonly StoredBox[];
  readonly older: readonly StoredBox[];
}

/** Tells which boxes there are newer ones of. */
export async function planBoxPrune(
  { boxes: home }: BoxServices,
  only: { readonly name?: string; readonly provider?: string },
): Promise<PrunePlan> {
  const boxes = (await listBoxes(home)).filter(
    ({ name, provider }) => (only.name ?? name) === name && (only.provider ?? provider) === provider,
  );
  const groups = Map.groupBy(boxes, ({ name, provider, architecture = '' }) =>
    JSON.stringify([name, provider, architecture]),
  );
  const newest = new Set<StoredBox>();
  for (const group of groups.values()) newest.add(group.toSorted(compareVersions).at(-1)!);
  return {
    newest: boxes.filter((box) => newest.has(box)),
    older: boxes.filter((box) => !newest.has(box)),
  };
}
