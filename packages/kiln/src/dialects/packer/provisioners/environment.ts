import type { Text } from '../../../plan/text.ts';
import { lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';

type Assignment = readonly [name: string, value: Text];

/** The options `environment_vars` (`NAME=value`) and `env` (an object), of which the second wins. */
export function readEnvironment(options: Options): readonly Assignment[] {
  const named = Object.entries(options.textMap('env', lateBuildValues)).sort(([a], [b]) => (a < b ? -1 : 1));
  return [...readAssignments(options, 'environment_vars'), ...named];
}

/** A list of texts of the form `NAME=value`. */
export function readAssignments(options: Options, name: string): readonly Assignment[] {
  return options.texts(name, lateBuildValues).flatMap((text): Assignment[] => {
    const assignment = split(text);
    if (assignment) return [assignment];
    const shown = typeof text === 'string' ? text : text.source;
    options.error(name, `${JSON.stringify(shown)} is not of the form NAME=value`);
    return [];
  });
}

function split(text: Text): Assignment | undefined {
  const source = typeof text === 'string' ? text : text.source;
  const equals = source.indexOf('=');
  const name = source.slice(0, Math.max(0, equals));
  if (name === '' || (typeof text !== 'string' && name.includes('{{'))) return undefined;
  const value = source.slice(equals + 1);
  return [name, typeof text === 'string' ? value : { ...text, source: value }];
}
