import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryName } from '../../base/files.ts';
import type { RecordedInputs } from './files/input-recorder.ts';
import { type Aspect, observe } from './files/observe.ts';
import type { Environment } from './find-vagrantfile.ts';
import type { VagrantfileReading } from './read-vagrantfile.ts';

/** What decides about a result before the file is even looked at. */
export interface CacheQuestion {
  readonly kilnHome: string;
  /** Everything that is not recorded while evaluating: the file, who asks for what, Kiln's own version. */
  readonly parts: unknown;
  readonly environment: Environment;
  readonly words: readonly string[];
}

interface CacheEntry {
  readonly files: readonly (readonly [string, Aspect, string])[];
  readonly variables: readonly string[];
  /** Of their values. */
  readonly variablesDigest: string;
  /** Of the command line, when it was read. */
  readonly wordsDigest: string | undefined;
  readonly reading: VagrantfileReading;
}

/** Results for other command lines or variables are kept beside each other. */
const mostEntries = 8;

/** More than anybody works on at the same time. */
const mostProjects = 400;

/** Variables that change from one shell to the next and mean nothing. */
const restless = new Set(['_', 'OLDPWD', 'SHLVL']);

/** What was read before, if everything that it depends on is still the same. */
export function recallReading(question: CacheQuestion): VagrantfileReading | undefined {
  const seen = new Map<string, string>();
  const isSame = ([path, aspect, value]: readonly [string, Aspect, string]) => {
    const key = `${aspect} ${path}`;
    let now = seen.get(key);
    if (now === undefined) {
      now = observe(path, aspect);
      seen.set(key, now);
    }
    return now === value;
  };
  return readEntries(question).find(
    (entry) =>
      entry.variablesDigest === digestVariables(entry.variables, question.environment) &&
      (entry.wordsDigest === undefined || entry.wordsDigest === digestWords(question.words)) &&
      entry.files.every(isSame),
  )?.reading;
}

/** Keeps a reading. Results that the same inputs need not give again are not kept. */
export function rememberReading(
  question: CacheQuestion,
  inputs: RecordedInputs,
  reading: VagrantfileReading,
): void {
  if (inputs.unrepeatable.length > 0) return;
  const entry: CacheEntry = {
    files: inputs.files,
    variables: inputs.variables,
    variablesDigest: digestVariables(inputs.variables, question.environment),
    wordsDigest: inputs.words ? digestWords(question.words) : undefined,
    reading,
  };
  const others = readEntries(question).filter(
    (one) => one.variablesDigest !== entry.variablesDigest || one.wordsDigest !== entry.wordsDigest,
  );
  const path = pathOf(question);
  const temporary = temporaryName(path);
  mkdirSync(folderOf(question), { recursive: true, mode: 0o700 });
  // Configurations hold passwords and tokens.
  writeFileSync(temporary, JSON.stringify([entry, ...others].slice(0, mostEntries)), { mode: 0o600 });
  renameSync(temporary, path);
  forgetOldest(folderOf(question));
}

/** Projects come and go. */
function forgetOldest(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= mostProjects) return;
  const aged = names.map((name) => ({
    path: join(folder, name),
    time: statSync(join(folder, name)).mtimeMs,
  }));
  for (const { path } of aged.sort((a, b) => b.time - a.time).slice(mostProjects / 2))
    rmSync(path, { force: true });
}

function readEntries(question: CacheQuestion): readonly CacheEntry[] {
  let text: string;
  try {
    text = readFileSync(pathOf(question), 'utf8');
  } catch {
    return [];
  }
  try {
    return JSON.parse(text) as CacheEntry[];
  } catch {
    // Damaged: as good as none.
    return [];
  }
}

function digestVariables(names: readonly string[], environment: Environment): string {
  const all = names.includes('*') ? Object.keys(environment).filter((name) => !restless.has(name)) : names;
  return hash('sha256', JSON.stringify([...all].sort().map((name) => [name, environment[name] ?? null])));
}

function digestWords(words: readonly string[]): string {
  return hash('sha256', JSON.stringify(words));
}

function folderOf({ kilnHome }: CacheQuestion): string {
  return join(kilnHome, 'vagrantfiles');
}

function pathOf(question: CacheQuestion): string {
  return join(folderOf(question), `${hash('sha256', JSON.stringify(question.parts))}.json`);
}
