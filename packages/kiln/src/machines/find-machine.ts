import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { KilnError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import { storeLayout } from '../store/home.ts';
import { isAbandoned, listRecords, type MachineRecord } from './machine-record.ts';

/** Machines that count: one whose making was cut off does not. */
export async function livingRecords(home: string): Promise<MachineRecord[]> {
  return (await listRecords(home)).filter((record) => !isAbandoned(record));
}

/** The machine of that name in a project, or among those that belong to none. */
export async function findOwn(
  home: string,
  project: string | undefined,
  name: string,
): Promise<MachineRecord | undefined> {
  return (await livingRecords(home)).find((record) => record.project === project && record.name === name);
}

/**
 * The machine that a person means by a word: a name in this project, else the name of a machine without a project,
 * else the beginning of an id. Without a word the only one there is, or the primary one.
 * @throws KilnError `not-found`, `bad-usage` when the word is missing and there are several
 */
export async function findMachine(
  home: string,
  project: string | undefined,
  word: string | undefined,
): Promise<MachineRecord> {
  const records = await livingRecords(home);
  const own = project === undefined ? [] : records.filter((record) => record.project === project);
  const free = records.filter((record) => record.project === undefined);
  if (word === undefined) {
    const choice = own.length > 0 ? own : free;
    if (choice.length === 1) return choice[0]!;
    const primary = choice.filter((record) => record.primary);
    if (primary.length === 1) return primary[0]!;
    if (choice.length === 0) throw noMachine('there is no machine here');
    throw new KilnError('bad-usage', 'there are several machines; say which', {
      hint: `one of ${choice.map((record) => record.name).join(', ')}`,
    });
  }
  const named = [...own, ...free].find((record) => record.name === word);
  if (named) return named;
  const byId = records.filter((record) => word.length >= 3 && record.id.startsWith(word));
  if (byId.length === 1) return byId[0]!;
  const names = [...own, ...free].map((record) => record.name);
  throw noMachine(`there is no machine "${word}"`, didYouMean(word, names));
}

/** One lock a name, so that two `up` of the same machine cannot both make it. */
export function machineLock(home: string, project: string | undefined, name: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([project ?? null, name]))
    .digest('hex');
  return join(storeLayout(home).locks, `machine-${digest.slice(0, 16)}.lock`);
}

function noMachine(message: string, suggestion?: string): KilnError {
  return new KilnError('not-found', message, {
    hint: suggestion ?? 'bring one up with `kiln up`; `kiln list` shows all machines',
  });
}
