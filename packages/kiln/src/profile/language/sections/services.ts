import type { SourceLocation } from '../../../base/errors.ts';
import { didYouMean } from '../../../base/suggest.ts';
import {
  choice,
  contentText,
  type Infer,
  nothing,
  oneOf,
  onOff,
  openList,
  optional,
  required,
} from '../../../base/yaml/shape.ts';
import type { Condition, FileWish, ServiceWish } from '../../../plan/profile.ts';
import { bothForms, listOrMap } from '../both-forms.ts';
import type { LayerContext } from '../layer-context.ts';
import { type MergedItem, overlay, type SectionLayer } from '../layers.ts';
import { unitKey, unitName } from '../notations/names.ts';
import { machinePath } from '../notations/paths.ts';
import { type EntryContext, type NamedDraft, readSection } from '../section-entries.ts';
import { readWhen, when } from '../when.ts';
import { withCondition } from '../with-condition.ts';

const state = choice('enabled', 'disabled', 'masked');
const fields = {
  enabled: optional(onOff, 'Start it with the system.', { byDefault: 'left as it is' }),
  masked: optional(onOff, 'Nobody can start it, not even by hand.', { byDefault: 'left as it is' }),
  running: optional(onOff, 'It runs, or not, on machines that are running.', { byDefault: 'as "enabled"' }),
  unit: optional(contentText, 'The whole unit: its text, or a local file.', { examples: ['./app.service'] }),
  drop_in: optional(
    contentText,
    'Settings over those of the unit (UNIT.d/kiln.conf): their text, or a local file.',
    {
      examples: ['[Service]\nMemoryMax=512M\n'],
    },
  ),
  restart_on: optional(
    oneOf(machinePath, openList(machinePath)),
    'Files of this profile: when one has changed, the service is restarted.',
    { examples: [['/etc/nginx/nginx.conf']] },
  ),
  when,
};
const synonyms = {
  enable: 'enabled',
  state: 'enabled',
  started: 'running',
  mask: 'masked',
  content: 'unit',
  dropin: 'drop_in',
  'drop-in': 'drop_in',
  override: 'drop_in',
  notify: 'restart_on',
  'restart-on': 'restart_on',
};
const { listed, mapped } = bothForms(
  'a service',
  { name: required(unitName, 'Its unit; one without a suffix is a service.', { examples: ['nginx'] }) },
  fields,
  synonyms,
);

export const servicesShape = listOrMap(oneOf(unitName, listed), unitKey, oneOf(nothing, state, mapped));

export interface ServiceDraft {
  readonly enabled?: boolean | undefined;
  readonly masked?: boolean | undefined;
  readonly running?: boolean | undefined;
  readonly unit?: string | undefined;
  readonly dropIn?: string | undefined;
  readonly restartOn?: readonly string[] | undefined;
  readonly when?: Condition | undefined;
}

type Mapped = Infer<typeof mapped>;

export function readServices(
  section: Infer<typeof servicesShape> | undefined,
  context: LayerContext,
): SectionLayer<ServiceDraft> {
  return readSection(section, context, {
    fromList: (entry: string | Infer<typeof listed>, within) =>
      typeof entry === 'string'
        ? { name: entry, draft: { enabled: true } }
        : readEntry(entry.name, entry, within),
    fromMap: (key, value: null | Infer<typeof state> | Mapped, within) => {
      const parsed = unitName.parse(key);
      const name = typeof parsed === 'string' ? parsed : key;
      if (value === null || value === 'enabled') return { name, draft: { enabled: true } };
      if (value === 'disabled') return { name, draft: { enabled: false } };
      return value === 'masked' ? { name, draft: { masked: true } } : readEntry(name, value, within);
    },
  });
}

function readEntry(name: string, entry: Mapped, context: EntryContext): NamedDraft<ServiceDraft> {
  const { problems, places } = context;
  const { enabled, masked, running, restart_on: paths } = entry;
  if (masked && (enabled || running)) {
    problems.error(
      places.of(entry, 'masked'),
      `${name} is masked, so it cannot be ${enabled ? 'enabled' : 'running'}`,
      'take one of them out',
    );
  }
  const content = (field: 'unit' | 'drop_in') =>
    entry[field] === undefined ? undefined : unitText(entry[field], places.of(entry, field), context);
  return {
    name,
    draft: {
      enabled,
      masked,
      running,
      unit: content('unit'),
      dropIn: content('drop_in'),
      restartOn: typeof paths === 'string' ? [paths] : paths,
      when: readWhen(entry.when, context),
    },
    places: paths === undefined ? {} : { restartOn: places.of(entry, 'restart_on') },
  };
}

/** A unit's text has several lines; one line is the name of a file. */
function unitText(
  written: string,
  at: SourceLocation,
  { files, problems }: EntryContext,
): string | undefined {
  const text = written.includes('\n') ? written : files.text(written, at);
  if (text === undefined) return undefined;
  if (/^\s*\[[A-Za-z-]+\]\s*$/m.test(text)) return text;
  problems.error(
    at,
    'this is no unit of systemd: it has no section',
    'a section is a line such as [Service]',
  );
  return undefined;
}

/** What is masked is not enabled any more, and what is enabled is not masked. */
export function combineServices(below: ServiceDraft, above: ServiceDraft): ServiceDraft {
  const { enabled, masked, running, ...rest } = below;
  if (above.masked) return overlay(rest, above);
  return overlay({ ...rest, enabled, running, masked: above.enabled ? undefined : masked }, above);
}

export function compileServices(
  items: readonly MergedItem<ServiceDraft>[],
  files: readonly FileWish[],
  { problems }: Pick<LayerContext, 'problems'>,
): readonly ServiceWish[] {
  const paths = files.filter((file) => file.kind !== 'absent').map((file) => file.path);
  return items.flatMap(({ name, at, draft, places }) => {
    const { enabled, masked, running, unit, dropIn, restartOn = [] } = draft;
    for (const path of restartOn) {
      if (paths.includes(path)) continue;
      problems.error(
        places.restartOn ?? at,
        `${name} is to be restarted after ${path}, which is no file of this profile`,
        didYouMean(path, paths) ?? 'name a path that stands under "files"',
      );
    }
    return withCondition<ServiceWish>(draft.when, {
      name,
      ...(enabled !== undefined && { enabled }),
      ...(masked !== undefined && { masked }),
      ...(running !== undefined && { running }),
      ...(unit !== undefined && { unit }),
      ...(dropIn !== undefined && { dropIn }),
      restartOn,
    });
  });
}
