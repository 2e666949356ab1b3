import { KilnError } from '../../base/errors.ts';
import {
  type RemovedBoxes,
  type RemoveSelection,
  removeBoxes,
  selectBoxes,
} from '../../sources/boxes/remove-boxes.ts';
import type { BoxUser } from '../../store/boxes/box-users.ts';
import type { StoredBox } from '../../store/boxes/stored-boxes.ts';
import { askPerson } from '../ask-person.ts';
import type { CommandInput } from '../command.ts';
import type { boxRemoveOptions } from '../commands/box.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { createPlainRenderer } from '../render/plain.ts';
import { noBox } from './box-outdated.ts';
import { boxJson, describeBox, withBoxes } from './with-boxes.ts';

export async function run(
  { options, args }: CommandInput<typeof boxRemoveOptions>,
  context: CliContext,
): Promise<number> {
  const name = args[0]!;
  const { provider, architecture } = options;
  const version = options['box-version'];
  const removed = await withBoxes(context, async (services) => {
    const selection = await selectBoxes(services, {
      name,
      allVersions: options.all,
      allProviders: options['all-providers'],
      allArchitectures: options['all-architectures'],
      ...(provider !== undefined && { provider }),
      ...(version !== undefined && { version }),
      ...(architecture !== undefined && { architecture }),
    });
    if (selection.kind !== 'boxes') throw explain(name, selection);
    return removeBoxes(services, selection.boxes, { force: options.force, confirm: asker(context) });
  });
  return reportRemoved(removed, options.json, context);
}

/** Tells what went and what did not. */
export function reportRemoved(
  { removed, kept }: RemovedBoxes,
  json: boolean,
  { stdout, stderr }: CliContext,
): number {
  if (json) {
    const users = kept.map(({ box, users }) => ({ ...boxJson(box), users }));
    stdout.line(JSON.stringify({ removed: removed.map(boxJson), kept: users }, null, 2));
  } else for (const box of removed) stdout.line(`removed ${describeBox(box)}`);
  for (const { box, users } of kept)
    stderr.line(`${describeBox(box)} stays: ${inWords(users)} (remove it with --force)`);
  return kept.length > 0 && removed.length === 0 ? exitCodes.failed : exitCodes.ok;
}

/** Asks on a terminal whether a box that is in use is to go; elsewhere it stays. */
export function asker(context: CliContext): (box: StoredBox, users: readonly BoxUser[]) => Promise<boolean> {
  return async (box, users) => {
    const renderer = createPlainRenderer(context.stderr, { timestamps: false });
    try {
      const question = `${describeBox(box)}: ${inWords(users)}. Remove it? [y/N]`;
      return /^y(es)?$/i.test((await askPerson(question, new AbortController().signal, renderer)).trim());
    } finally {
      renderer.close();
    }
  };
}

function inWords(users: readonly BoxUser[]): string {
  const names = users.map(({ name, folder }) => `${name} in ${folder}`).join(', ');
  return `${users.length === 1 ? "Vagrant's machine" : "Vagrant's machines"} ${names} may need it`;
}

const whatToSay = {
  'no-provider': ['is not here for that provider', 'it is here for'],
  'several-providers': ['is here for several providers', 'say which with --provider, or --all-providers:'],
  'no-version': ['is not here in that version', 'it is here in'],
  'several-versions': ['is here in several versions', 'say which with --box-version, or --all:'],
  'no-architecture': ['is not here for that architecture', 'it is here for'],
  'several-architectures': [
    'is here for several architectures',
    'say which with --architecture, or --all-architectures:',
  ],
} as const;

function explain(name: string, selection: Exclude<RemoveSelection, { kind: 'boxes' }>): KilnError {
  if (selection.kind === 'no-box') return noBox(name);
  const [what, hint] = whatToSay[selection.kind];
  const code = selection.kind.startsWith('no-') ? 'not-found' : 'bad-usage';
  return new KilnError(code, `the box ${name} ${what}`, { hint: `${hint} ${selection.choices.join(', ')}` });
}
