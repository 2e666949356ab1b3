import { controlParagraphs } from '../../supply/packages/control-paragraphs.ts';
import type { InventoryRepository } from './inventory.ts';
import type { Survey } from './survey.ts';
import { filesIn, plainLines, textOf } from './text-lines.ts';

/** Where apt has packages from: sources.list(5), both of its forms. Sources of source packages are left out. */
export function readAptRepositories(survey: Survey): InventoryRepository[] {
  const folder = '/etc/apt/sources.list.d';
  const lists = ['/etc/apt/sources.list', ...filesIn(survey, folder, '.list')];
  return [
    ...lists.flatMap((path) => named(path, readLines(textOf(survey, path)))),
    ...filesIn(survey, folder, '.sources').flatMap((path) =>
      named(path, readParagraphs(textOf(survey, path))),
    ),
  ];
}

type Unnamed = Omit<InventoryRepository, 'name' | 'file'>;

function named(file: string, repositories: readonly Unnamed[]): InventoryRepository[] {
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.(?:list|sources)$/, '');
  return repositories.map((one, at) => ({ name: at === 0 ? name : `${name}-${at + 1}`, file, ...one }));
}

/** `deb [option=value …] URL suite component…`. Lines that differ only in their suites are one repository. */
function readLines(text: string | undefined): Unnamed[] {
  const found: Unnamed[] = [];
  for (const line of plainLines(text)) {
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (!match) continue;
    const options = (match[1] ?? '').split(/\s+/).filter((option) => option !== '');
    const value = (key: string) =>
      options.find((option) => option.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const signedBy = value('signed-by');
    const one: Unnamed = {
      urls: [match[2]!],
      suites: [match[3]!],
      components: words(match[4]),
      architectures: (value('arch') ?? '').split(',').filter((arch) => arch !== ''),
      disabled: false,
      ...(signedBy === undefined ? {} : { signedBy }),
      otherOptions: options.filter((option) => !/^(?:signed-by|arch)=/i.test(option)),
    };
    const before = found.at(-1);
    const alike = (repository: Unnamed) => JSON.stringify({ ...repository, suites: [] });
    if (before && alike(before) === alike(one))
      found[found.length - 1] = { ...before, suites: [...before.suites, ...one.suites] };
    else found.push(one);
  }
  return found;
}

const knownFields = new Set([
  'types',
  'uris',
  'suites',
  'components',
  'architectures',
  'signed-by',
  'enabled',
]);

function readParagraphs(text: string | undefined): Unnamed[] {
  const found: Unnamed[] = [];
  for (const fields of controlParagraphs(text ?? '')) {
    if (!words(fields.get('types')).includes('deb') || !fields.has('uris')) continue;
    const signedBy = fields.get('signed-by');
    found.push({
      urls: words(fields.get('uris')),
      suites: words(fields.get('suites')),
      components: words(fields.get('components')),
      architectures: words(fields.get('architectures')),
      disabled: /^(?:no|false|0|off)$/i.test(fields.get('enabled') ?? ''),
      ...(signedBy === undefined ? {} : { signedBy: keyText(signedBy) }),
      otherOptions: [...fields]
        .filter(([name]) => !knownFields.has(name))
        .map(([name, value]) => `${name}=${value}`),
    });
  }
  return found;
}

/** A key that stands in the field itself has a dot where its lines are empty. */
function keyText(value: string): string {
  if (!value.includes('-----BEGIN')) return value.trim();
  const lines = value.split('\n').map((line) => line.trim());
  return `${lines
    .map((line) => (line === '.' ? '' : line))
    .join('\n')
    .trim()}\n`;
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}
