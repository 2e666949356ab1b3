import type { SourceLocation } from '../../../base/errors.ts';
import {
  choice,
  type Infer,
  oneOf,
  openList,
  optional,
  Reset,
  record,
  resettable,
  scriptText,
  text,
} from '../../../base/yaml/shape.ts';
import type { Condition, ProfileScript, ScriptPoint } from '../../../plan/profile.ts';
import type { LayerContext } from '../layer-context.ts';
import type { LayerItem, MergedItem, SectionLayer } from '../layers.ts';
import { machinePath } from '../notations/paths.ts';
import { oneLine } from '../notations/settings.ts';
import { readWhen, when } from '../when.ts';
import { withCondition } from '../with-condition.ts';

export const scriptPoints: readonly ScriptPoint[] = [
  'first',
  'before-packages',
  'after-packages',
  'after-files',
  'last',
  'first-boot',
];

const fields = {
  name: optional(
    oneLine,
    'What people see; a script of the same name in a file that extends this one replaces it.',
    {
      examples: ['fetch the model'],
    },
  ),
  run: optional(
    scriptText,
    'The script, for /bin/sh unless its first line names another (#!). It stops at the first command that fails.',
    {
      examples: ['make -C /opt/app install'],
    },
  ),
  script: optional(text, 'A local script file, instead of "run", relative to this file\'s folder.', {
    examples: ['./setup.sh'],
  }),
  unless: optional(scriptText, 'A command that succeeds where the script has nothing to do.', {
    examples: ['command -v node'],
  }),
  creates: optional(machinePath, 'A path that exists where the script has nothing to do.', {
    examples: ['/opt/app/bin/app'],
  }),
  when,
};
const synonyms = {
  inline: 'run',
  command: 'run',
  shell: 'run',
  content: 'run',
  file: 'script',
  source: 'script',
  path: 'script',
  not_if: 'unless',
  point: 'at',
  stage: 'at',
};
const point = choice('first', 'before-packages', 'after-packages', 'after-files', 'last', 'first-boot');
const pointed = record(
  'a script',
  { ...fields, at: optional(point, 'When it runs.', { byDefault: 'last' }) },
  { synonyms },
);
const unpointed = record('a script', fields, { synonyms });
const atPoint = oneOf(scriptText, unpointed, openList(resettable(oneOf(scriptText, unpointed))));

/** One field for each point, in the order in which they come. */
const byPoint = record('scripts', {
  first: optional(atPoint, 'Before everything else.'),
  'before-packages': optional(atPoint, 'When repositories are set up, before packages are installed.'),
  'after-packages': optional(atPoint, 'When packages are installed, before users and files are there.'),
  'after-files': optional(atPoint, 'When files are in place, before services are set up.'),
  last: optional(atPoint, 'After everything else.'),
  'first-boot': optional(
    atPoint,
    'Once, when a machine made from the image has started for the first time; on a machine that runs, now.',
  ),
});

export const scriptsShape = resettable(oneOf(openList(resettable(oneOf(scriptText, pointed))), byPoint));

export interface ScriptDraft {
  readonly at?: ScriptPoint | undefined;
  readonly run?: string | undefined;
  readonly unless?: string | undefined;
  readonly creates?: string | undefined;
  readonly when?: Condition | undefined;
}

type Entry = Infer<typeof pointed>;
type Written = string | Entry | Reset<string | Entry>;

export function readScripts(
  section: Infer<typeof scriptsShape> | undefined,
  context: LayerContext,
): SectionLayer<ScriptDraft> {
  const reset = section instanceof Reset;
  const given = section instanceof Reset ? section.value : section;
  if (given === undefined) return { reset, items: [] };
  if (isList(given)) return { reset, items: readList(given, undefined, context) };
  const items = scriptPoints.flatMap((name) => {
    const scripts: string | Entry | readonly Written[] | undefined = given[name];
    if (scripts === undefined) return [];
    return isList(scripts)
      ? readList(scripts, name, context)
      : readOne(scripts, name, context.places.of(given, name), context);
  });
  return { reset, items };
}

function isList(value: unknown): value is readonly Written[] {
  return Array.isArray(value);
}

function readList(
  scripts: readonly Written[],
  at: ScriptPoint | undefined,
  context: LayerContext,
): LayerItem<ScriptDraft>[] {
  return scripts.flatMap((script, index) => readOne(script, at, context.places.of(scripts, index), context));
}

function readOne(
  script: Written,
  at: ScriptPoint | undefined,
  place: SourceLocation,
  context: LayerContext,
): LayerItem<ScriptDraft>[] {
  if (script instanceof Reset) {
    const { value } = script;
    // A text alone is the name of what to forget.
    if (typeof value === 'string')
      return [{ name: value.trim(), at: place, how: 'drop', draft: {}, places: {} }];
    if (value?.name !== undefined && value.run === undefined && value.script === undefined) {
      return [{ name: value.name, at: place, how: 'drop', draft: {}, places: {} }];
    }
    if (value === undefined) {
      context.problems.error(place, '"!reset" does not say which script', 'write its name behind it');
      return [];
    }
    return readOne(value, at, place, context).map((item) => ({ ...item, how: 'replace' }));
  }
  const entry: Entry = typeof script === 'string' ? { run: script } : script;
  const text = readText(entry, place, context);
  const draft: ScriptDraft = {
    at: entry.at ?? at,
    run: text,
    unless: entry.unless,
    creates: entry.creates,
    when: readWhen(entry.when, context),
  };
  if (entry.name === undefined && text === undefined) return [];
  return [{ name: entry.name ?? unnamed(place), at: place, how: 'merge', draft, places: {} }];
}

/** Scripts without a name are never the same; the name itself comes when all are known. */
function unnamed({ file, line, column }: SourceLocation): string {
  return `\0${file}\0${line}\0${column}`;
}

function readText(
  entry: Entry,
  place: SourceLocation,
  { problems, places, files }: LayerContext,
): string | undefined {
  const { run, script, name } = entry;
  if (run !== undefined && script !== undefined) {
    problems.error(
      places.of(entry, 'script'),
      'a script has "run" or "script", not both',
      'take one of them out',
    );
    return undefined;
  }
  if (script !== undefined) return files.text(script, places.of(entry, 'script'));
  if (run !== undefined && run.trim() !== '') return run;
  // One with a name may change what a base has.
  if (run !== undefined || name === undefined) {
    problems.error(place, 'the script is empty', 'say what to do with "run", or name a file with "script"');
  }
  return undefined;
}

export function compileScripts(
  items: readonly MergedItem<ScriptDraft>[],
  { problems }: Pick<LayerContext, 'problems'>,
): readonly ProfileScript[] {
  const counts = new Map<ScriptPoint, number>();
  const taken = new Set(items.map(({ name }) => name));
  const scripts = items.flatMap(({ name, at: place, draft }) => {
    const at = draft.at ?? 'last';
    if (draft.run === undefined) {
      problems.error(
        place,
        `the script ${name} has no text, and no base has one for it`,
        'add "run" or "script"',
      );
      return [];
    }
    const { unless, creates } = draft;
    return withCondition<ProfileScript>(draft.when, {
      name: name.startsWith('\0') ? nextName(at, counts, taken) : name,
      at,
      run: draft.run,
      ...(unless !== undefined && { unless }),
      ...(creates !== undefined && { creates }),
      always: unless === undefined && creates === undefined,
    });
  });
  return scripts.sort((a, b) => scriptPoints.indexOf(a.at) - scriptPoints.indexOf(b.at));
}

function nextName(at: ScriptPoint, counts: Map<ScriptPoint, number>, taken: ReadonlySet<string>): string {
  for (;;) {
    const count = (counts.get(at) ?? 0) + 1;
    counts.set(at, count);
    const name = `${at} ${count}`;
    if (!taken.has(name)) return name;
  }
}
