import type { InventoryRepository } from './inventory.ts';
import type { Survey } from './survey.ts';
import { filesIn, plainLines, textOf } from './text-lines.ts';

/** Where dnf and zypper have packages from: files with a section for each repository. */
export function readRpmRepositories(survey: Survey): InventoryRepository[] {
  const found: InventoryRepository[] = [];
  for (const file of ['/etc/yum.repos.d', '/etc/zypp/repos.d'].flatMap((folder) =>
    filesIn(survey, folder, '.repo'),
  )) {
    let section: string | undefined;
    const values = new Map<string, string>();
    const finish = () => {
      if (section !== undefined) found.push(rpmRepository(section, file, values));
      values.clear();
    };
    for (const line of plainLines(textOf(survey, file), '#;')) {
      const header = /^\[(.+)\]$/.exec(line);
      if (header) {
        finish();
        section = header[1];
        continue;
      }
      const [, key, value] = /^([\w.-]+)\s*=\s*(.*)$/.exec(line) ?? [];
      if (key !== undefined) values.set(key.toLowerCase(), value!);
    }
    finish();
  }
  return found;
}

const knownKeys = new Set([
  'name',
  'baseurl',
  'enabled',
  'gpgkey',
  'gpgcheck',
  'repo_gpgcheck',
  'type',
  'autorefresh',
]);

function rpmRepository(name: string, file: string, values: ReadonlyMap<string, string>): InventoryRepository {
  const signedBy = values.get('gpgkey');
  return {
    ...{ name, file, suites: [], components: [], architectures: [] },
    urls: (values.get('baseurl') ?? '').split(/\s+/).filter((url) => url !== ''),
    disabled: values.get('enabled') === '0',
    ...(signedBy === undefined ? {} : { signedBy }),
    otherOptions: [...values].filter(([key]) => !knownKeys.has(key)).map(([key, value]) => `${key}=${value}`),
  };
}

/** Where apk has packages from: a URL a line, with `@tag` in front of some. */
export function readApkRepositories(survey: Survey): InventoryRepository[] {
  const file = '/etc/apk/repositories';
  return plainLines(textOf(survey, file)).map((line, at) => {
    const [tag, url] = line.startsWith('@') ? line.split(/\s+/, 2) : [undefined, line];
    return {
      ...{ name: `apk-${at + 1}`, file, suites: [], components: [], architectures: [], disabled: false },
      urls: [url ?? ''],
      otherOptions: tag === undefined ? [] : [tag],
    };
  });
}
