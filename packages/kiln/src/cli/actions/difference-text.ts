import type { Difference, Section, ValueChange } from '../../profile/diff/system-state.ts';
import type { Painter } from '../colors.ts';

const signs = { added: '+', removed: '-', changed: '~' } as const;
const colors = { added: 'green', removed: 'red', changed: 'yellow' } as const;

/** Differences by section, a line each, for people. */
export function differenceText(differences: readonly Difference[], paint: Painter): string {
  const sections = Map.groupBy(differences, (one) => one.section);
  return [...sections]
    .map(
      ([section, found]) =>
        `${paint('bold', section)}\n${found.map((one) => `${line(one, paint)}\n`).join('')}`,
    )
    .join('\n');
}

function line(difference: Difference, paint: Painter): string {
  const { section, name, kind, values = {}, changes, matters } = difference;
  const details = kind === 'changed' ? changes.map(changeText).join(', ') : valuesText(section, values);
  const text = `  ${paint(colors[kind], `${signs[kind]} ${name}`)}${details === '' ? '' : `  ${details}`}`;
  return matters ? text : `${text}${paint('dim', '  (does not matter)')}`;
}

/** What is worth a word of something that is only in one of the two. */
function valuesText(section: Section, values: Readonly<Record<string, string>>): string {
  const shown = {
    packages: ['version'],
    repositories: ['components'],
    files: ['target'],
    services: ['state'],
    settings: ['value'],
  };
  const names: readonly string[] = shown[section as keyof typeof shown] ?? Object.keys(values);
  const labelled = section === 'users' || section === 'groups';
  return names
    .flatMap((name) => {
      const value = values[name];
      if (value === undefined || value === '') return [];
      if (value === 'yes' && name.startsWith('in ')) return [name];
      return [labelled ? `${name} ${value}` : name === 'target' ? `→ ${value}` : value];
    })
    .join(', ');
}

function changeText({ what, before, after }: ValueChange): string {
  // Digests tell nobody anything.
  if (what === 'content') return 'content';
  if (what.startsWith('in ')) return `${after === undefined ? 'no longer ' : ''}${what}`;
  const label = what === 'value' || what === 'state' || what === 'version' ? '' : `${what} `;
  return `${label}${shown(before)} → ${shown(after)}`;
}

function shown(value: string | undefined): string {
  return value === undefined || value === '' ? '(none)' : value;
}
