import { KilnError } from '../../base/errors.ts';
import { type BoxState, stateOfBox } from '../../sources/boxes/outdated.ts';
import { planBoxPrune } from '../../sources/boxes/remove-boxes.ts';
import type { StoredBox } from '../../store/boxes/stored-boxes.ts';
import type { CommandInput } from '../command.ts';
import type { boxOutdatedOptions } from '../commands/box.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { boxDownload, boxJson, describeBox, withBoxes } from './with-boxes.ts';

export async function run(
  { options, args }: CommandInput<typeof boxOutdatedOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  const states = await withBoxes(context, async (services) => {
    const { newest } = await planBoxPrune(services, {});
    const boxes = args.length === 0 ? newest : newest.filter(({ name }) => args.includes(name));
    const unknown = args.find((name) => !boxes.some((box) => box.name === name));
    if (unknown !== undefined) throw noBox(unknown);
    const download = boxDownload(options);
    return Promise.all(
      boxes.map(async (box) => ({ box, state: await stateOfBox(services, box, { download }) })),
    );
  });
  if (options.json) stdout.line(JSON.stringify(states.map(jsonOf), null, 2));
  else if (states.length === 0) stderr.line('There are no boxes yet. `kiln box add` gets some.');
  else for (const { box, state } of states) stdout.line(`${describeBox(box)}: ${inWords(state)}`);
  return states.some(({ state }) => state.kind === 'unknown') ? exitCodes.failed : exitCodes.ok;
}

export function noBox(name: string): KilnError {
  return new KilnError('not-found', `there is no box ${name} here`, { hint: 'see `kiln box list`' });
}

function inWords(state: BoxState): string {
  switch (state.kind) {
    case 'current':
      return 'the newest';
    case 'outdated':
      return state.isHere ? `${state.latest} is newer, and here` : `${state.latest} is newer`;
    case 'no-catalogue':
      return 'it came without a catalogue';
    case 'unknown':
      return `not known: ${state.problem.message}`;
  }
}

function jsonOf({ box, state }: { readonly box: StoredBox; readonly state: BoxState }): object {
  return {
    ...boxJson(box),
    state: state.kind,
    ...(state.kind === 'outdated' && { latest: state.latest, isHere: state.isHere }),
    ...(state.kind === 'unknown' && { problem: state.problem.message }),
  };
}
