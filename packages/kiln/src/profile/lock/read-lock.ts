import { readFile } from 'node:fs/promises';
import { DiagnosticsError } from '../../base/diagnostics.ts';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { Places } from '../../base/yaml/places.ts';
import { Problems } from '../../base/yaml/problems.ts';
import { readShape } from '../../base/yaml/read-shape.ts';
import { parseYaml } from '../../base/yaml/yaml-document.ts';
import type { ResolvedPackage } from '../../sources/packages/resolved-packages.ts';
import type { LockedProfile, LockFile } from './lock.ts';
import { type LockSection, lockShape } from './lock-shape.ts';
import { sealOf } from './seal.ts';

const mend = 'take the file from version control, or remove it and run `kiln profile lock`';

/**
 * Reads a lock file. Undefined when there is none.
 * @param shown how the user knows it, for messages
 * @throws DiagnosticsError with every mistake and its place: of syntax, of form, and for what was changed by hand
 */
export async function readLock(path: string, shown: string): Promise<LockFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    if (!isSystemError(error, 'EACCES', 'EISDIR', 'EPERM')) throw error;
    throw new KilnError('file-missing', `${shown} cannot be read: ${error.message}`, { cause: error });
  }
  return parseLock(text, shown);
}

/** The same for text. */
export function parseLock(text: string, shown: string): LockFile {
  const problems = new Problems();
  const places = new Places();
  const merge = /^(?:<{7}|={7}|>{7})(?: |$)/m.exec(text);
  if (merge) {
    const line = text.slice(0, merge.index).split('\n').length;
    const hint =
      'take one of the two files and run `kiln profile lock`: two locks cannot be put together by hand';
    problems.error(
      { file: shown, line, column: 1 },
      'the file has marks of a merge that is not finished',
      hint,
    );
    throw new DiagnosticsError(problems.list());
  }
  const kind = { name: 'kiln.lock', whenEmpty: mend, whenBinary: mend };
  const yaml = parseYaml(shown, text, kind, problems);
  const scope = { values: new Map<string, string>(), unset: new Set<string>(), literal: true };
  const read =
    yaml && readShape(yaml.root, lockShape, 'the lock', { yaml, scope, problems, places, hint: mend });
  const profiles = new Map<string, LockedProfile>();
  for (const [name, section] of Object.entries(read?.profiles ?? {})) {
    const repositories = new Set(Object.keys(section.repositories));
    for (const packages of [section.packages.os, section.packages.profile]) {
      for (const [index, one] of packages.entries()) {
        if (!repositories.has(one.repository))
          problems.error(
            places.of(packages, index),
            `${one.name} comes of the repository ${one.repository}, which the lock does not have`,
            mend,
          );
      }
    }
    const locked = fromSection(section);
    const seal = sealOf(locked);
    if (!problems.hasErrors && seal.digest !== section.seal.digest) {
      const what =
        seal.packages === section.seal.packages
          ? 'something in it was changed since Kiln wrote it'
          : `it has ${seal.packages} packages, and ${section.seal.packages} when Kiln wrote it`;
      problems.error(places.of(section, 'seal'), `the lock of "${name}" is not whole: ${what}`, mend);
    }
    profiles.set(name, locked);
  }
  if (problems.hasErrors) throw new DiagnosticsError(problems.list().map((one) => ({ hint: mend, ...one })));
  return { profiles };
}

function fromSection(section: LockSection): LockedProfile {
  const { os, architecture, time, asked, repositories, packages, removed, fetched } = section;
  const layer = (name: ResolvedPackage['layer']) => packages[name].map((one) => ({ ...one, layer: name }));
  return {
    os,
    asked,
    resolved: {
      epoch: time,
      architecture,
      repositories: Object.entries(repositories).map(([name, one]) => ({
        ...{ name, url: one.url, suite: one.suite, components: one.components },
        ...{ indexDigest: one.index, indexDate: one.date },
        ...(one.snapshot !== undefined && { snapshot: one.snapshot }),
      })),
      packages: [...layer('os'), ...layer('profile')],
      removed,
    },
    fetched,
  };
}
