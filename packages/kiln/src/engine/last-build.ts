import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readJsonIfExists, writeFileAtomically } from '../base/files.ts';
import { canonicalHash } from '../plan/canonical.ts';
import type { Plan } from '../plan/plan.ts';
import { checkpointFiles } from '../store/checkpoints/checkpoint-files.ts';
import { storeLayout } from '../store/home.ts';
import type { Parts } from './step-keys.ts';

/** What a build was made of the last time: only to say what has changed since, never to decide anything. */
export interface LastBuild {
  readonly schema: 1;
  readonly machine: Parts;
  /** Those that were reached. */
  readonly steps: readonly { readonly label: string; readonly parts: Parts }[];
}

export async function readLastBuild(home: string, plan: Plan, build: string): Promise<LastBuild | undefined> {
  try {
    const last = (await readJsonIfExists(pathOf(home, plan, build))) as LastBuild | undefined;
    return last?.schema === 1 ? last : undefined;
  } catch {
    return undefined;
  }
}

export async function writeLastBuild(
  home: string,
  plan: Plan,
  build: string,
  last: Omit<LastBuild, 'schema'>,
  hide: (text: string) => string,
): Promise<void> {
  const path = pathOf(home, plan, build);
  await mkdir(checkpointFiles(storeLayout(home)).last, { recursive: true, mode: 0o700 });
  const { machine, steps } = last;
  const safe: LastBuild = {
    schema: 1,
    machine: withNames(machine, hide),
    steps: steps.map(({ label, parts }) => ({ label: hide(label), parts: withNames(parts, hide) })),
  };
  await writeFileAtomically(path, `${JSON.stringify(safe)}\n`, 0o600);
}

/** Parts whose names are files' names may have a secret in them. */
export function withNames(parts: Parts, hide: (text: string) => string): Parts {
  return Object.fromEntries(Object.entries(parts).map(([name, value]) => [hide(name), value]));
}

function pathOf(home: string, { origin }: Plan, build: string): string {
  const name = canonicalHash({ folder: origin.folder, file: origin.file, build });
  return join(checkpointFiles(storeLayout(home)).last, `${name}.json`);
}

/** What differs between two sets of parts, in words: `setup.sh and environment`. */
export function changedParts(before: Parts, now: Parts): string | undefined {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  const changed = [...names].filter((name) => before[name] !== now[name]).map(plainName);
  if (changed.length === 0) return undefined;
  const shown = changed.length > 3 ? [...changed.slice(0, 3), `${changed.length - 3} more`] : changed;
  return shown.length === 1 ? shown[0] : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** Fields have names of the plan, which are near to those of every dialect: `environment`, `qemuArgs`. */
function plainName(part: string): string {
  return part.includes('/') || part.includes('.')
    ? part
    : part.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
