import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { DiagnosticsError } from '../base/diagnostics.ts';
import { isSystemError, KilnError, messageOf } from '../base/errors.ts';
import { kilnHome } from '../base/home.ts';
import { parseSize } from '../base/sizes.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Facts, Profile } from '../plan/profile.ts';
import { type FactDefinition, factDefinitions, factNames } from '../profile/facts.ts';
import { loadProfile, profileFileName } from '../profile/language/load-profile.ts';
import type { ProfileReading } from '../profile/language/profile-reading.ts';
import { type CliContext, hideInOutput } from './context.ts';
import { watchInterrupts } from './interrupts.ts';

export interface ProfileOptionValues {
  readonly set: readonly string[];
  readonly facts: readonly string[];
}

export interface LoadedProfile extends ProfileReading {
  readonly profile: Profile;
}

/**
 * Reads the profile that a command line names, with the values it gives. What is secret in it is hidden in everything
 * that is printed from now on.
 * @throws DiagnosticsError with every mistake; KilnError `bad-usage`, `file-missing`, `cancelled`
 */
export async function loadProfileOf(
  file: string | undefined,
  options: ProfileOptionValues,
  context: CliContext,
): Promise<LoadedProfile> {
  const parameters = readAssignments('--set', options.set);
  const facts = readFactOptions(options.facts, context.cwd);
  const interrupts = watchInterrupts(context.stderr.line);
  try {
    const loaded = await loadProfile(file ?? profileFileName, {
      parameters,
      ...(facts && { facts }),
      env: context.env,
      home: kilnHome(context.env),
      cwd: context.cwd,
      signal: interrupts.signal,
    });
    hideInOutput(loaded.secrets);
    if (!loaded.profile) throw new DiagnosticsError(loaded.diagnostics);
    return { ...loaded, profile: loaded.profile };
  } finally {
    interrupts.close();
  }
}

/** `name=value` words. @throws KilnError `bad-usage`; it never shows the value */
function readAssignments(option: string, words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const equals = word.indexOf('=');
      if (equals < 1) {
        throw new KilnError('bad-usage', `${option} ${equals < 0 ? word : '=…'} is not name=value`, {
          hint: `write ${option} name=value`,
        });
      }
      return [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}

/**
 * Facts of `--facts` words: `name=value`, or `@file`; later ones are stronger. Undefined when there are none.
 * @throws KilnError `bad-usage`, `file-missing`
 */
export function readFactOptions(words: readonly string[], cwd: string): Facts | undefined {
  if (words.length === 0) return undefined;
  const facts: Record<string, string | number | boolean> = {};
  for (const word of words) {
    const given = word.startsWith('@')
      ? readFactFile(word.slice(1), cwd)
      : readAssignments('--facts', [word]);
    for (const [name, value] of Object.entries(given)) facts[name] = factOf(name, String(value));
  }
  return facts;
}

function factOf(name: string, text: string): string | number | boolean {
  const definition: FactDefinition | undefined = factDefinitions[name];
  if (!definition) {
    throw new KilnError('bad-usage', `there is no fact "${name}"`, {
      hint: didYouMean(name, factNames) ?? `there are ${factNames.join(', ')}`,
    });
  }
  const value =
    definition.type === 'number'
      ? parseSize(text)
      : definition.type === 'yes-no'
        ? { true: true, false: false }[text]
        : text;
  if (value !== undefined) return value;
  throw new KilnError('bad-usage', `the fact ${name} cannot be "${text}"`, {
    hint: `write something like ${name}=${String(definition.example)}`,
  });
}

function readFactFile(file: string, cwd: string): Record<string, unknown> {
  try {
    const value: unknown = parse(readFileSync(resolve(cwd, file), 'utf8'), { schema: 'failsafe' });
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES', 'EISDIR')) {
      throw new KilnError('file-missing', `${file} cannot be read: ${error.message}`, { cause: error });
    }
    throw new KilnError('bad-usage', `${file} is no YAML or JSON: ${messageOf(error)}`, { cause: error });
  }
  throw new KilnError('bad-usage', `${file} is not a mapping of facts`, {
    hint: 'write a line "name: value" for each fact',
  });
}
