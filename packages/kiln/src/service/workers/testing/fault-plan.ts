import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabasePlace } from '../../database/open-database.ts';
import { usualBuildHome } from '../../runs/open-runs.ts';
import type { RunSubState } from '../../runs/runs.ts';
import { type HouseProcess, startHouse } from './house-client.ts';

/** One thing that goes wrong while a run is somewhere. */
export interface Fault {
  readonly kind: 'kill' | 'cancel';
  readonly subState: RunSubState;
  /** Milliseconds after the run has got there. */
  readonly after: number;
}

const states: readonly RunSubState[] = [
  ...(['Queued', 'Building', 'Customizing', 'Optimizing', 'Validating', 'Distributing'] as const),
];

/** The same seed makes the same plan. All sub-states come once with each kind before any comes again. */
export function faultPlan(seed: number, count: number): readonly Fault[] {
  let state = seed >>> 0 || 1;
  const random = () => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: count }, (_one, index) => ({
    kind: Math.floor(index / states.length) % 2 === 0 ? ('kill' as const) : ('cancel' as const),
    subState: states[index % states.length]!,
    after: Math.floor(random() * 120),
  }));
}

/** Does a plan's faults one after the other, and looks that each run ended, published all or nothing, and left nothing. */
export async function sufferFaults(
  plan: readonly Fault[],
  home: string,
  place: DatabasePlace,
  tell: (text: string) => void = () => {},
): Promise<void> {
  let house = await startHouse(home, place);
  try {
    for (const [index, fault] of plan.entries()) {
      const name = `web-${index}`;
      house.send({ op: 'start', name, sku: '120ms' });
      const { started: id } = await house.said(
        (word) => typeof word.started === 'string' && isNew(word.started),
      );
      known.add(id as string);
      if (fault.subState !== 'Queued') {
        // Short states may be over before anybody looks; what comes after is as good a place.
        const from = states.indexOf(fault.subState);
        await house.said(
          (word) =>
            word.id === id &&
            (states.indexOf(word.subState as RunSubState) >= from || word.subState === undefined),
        );
      }
      await new Promise((resolve) => setTimeout(resolve, fault.after));
      if (fault.kind === 'kill') {
        await house.kill();
        house = await startHouse(home, place);
        house.send({ op: 'watch', id });
      } else house.send({ op: 'cancel', name });
      const end = await house.said(
        (word) =>
          word.id === id &&
          ['Succeeded', 'Failed', 'Canceled', 'PartiallySucceeded'].includes(String(word.state)),
      );
      tell(`${fault.kind} in ${fault.subState} after ${fault.after} ms: ${end.state} ${end.message}`);
      if (fault.kind === 'kill') assert.equal(end.state, 'Succeeded', String(end.message));
      else assert.ok(['Canceled', 'Succeeded'].includes(String(end.state)), String(end.message));
    }
    await checkNothingLeft(house, home);
  } finally {
    await house.kill();
  }

  function isNew(id: string): boolean {
    return !known.has(id);
  }
}

const known = new Set<string>();

interface Check {
  readonly disks: readonly { readonly run_id: string }[];
  readonly staging: readonly object[];
  readonly runs: readonly { readonly id: string; readonly state: string }[];
}

async function checkNothingLeft(house: HouseProcess, home: string): Promise<void> {
  const builds = usualBuildHome(home);
  // One round of the caretaker after the last run's end.
  const deadline = performance.now() + 20_000;
  for (let turn = 0; ; turn++) {
    house.send({ op: 'check', name: String(turn) });
    const check = (await house.said((word) => word.check === String(turn))) as unknown as Check;
    const left = readdirSync(join(builds, 'staging'));
    const running = existsSync(join(builds, 'runs')) ? readdirSync(join(builds, 'runs')) : [];
    const isClean = check.staging.length === 0 && left.length === 0 && running.length === 0;
    if (!isClean && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      continue;
    }
    assert.deepEqual(check.staging, []);
    assert.deepEqual(left, []);
    assert.deepEqual(running, []);
    for (const { id, state } of check.runs) {
      const disks = check.disks.filter(({ run_id }) => run_id === id).length;
      if (state === 'Succeeded') assert.equal(disks, 2, `${id} has ${disks} disks of 2`);
      else assert.ok(disks <= 2, `${id} has ${disks} disks of 2`);
    }
    return;
  }
}
