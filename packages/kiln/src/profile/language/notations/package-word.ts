import { type NotationProblem, notation } from '../../../base/yaml/shape.ts';

export interface PackageWord {
  readonly name: string;
  readonly version?: string;
}

/** Names of apt, dnf, zypper and apk; that of an architecture may stand behind a colon. */
const name = /^[A-Za-z0-9][A-Za-z0-9+._-]*(?::[a-z0-9-]+)?$/;
const version = /^[A-Za-z0-9.+:~*^_-]+$/;

export const packageNameKey = {
  what: "a package's name",
  pattern: '^[A-Za-z0-9][A-Za-z0-9+._-]*(:[a-z0-9-]+)?$',
  expected: 'one name such as "nginx", or with an architecture "libc6:i386"',
} as const;

/** A package's name alone. */
export const packageName = notation<string>({
  expected: 'the name of a package, such as nginx',
  pattern: packageNameKey.pattern,
  allowsNumber: false,
  parse: (text) => packageNameProblem(text) ?? text,
});

/** `name` or `name=version`, as apt takes them. */
export const packageWord = notation<PackageWord>({
  expected: 'a package such as nginx or nginx=1.22.*',
  pattern: '^[A-Za-z0-9][A-Za-z0-9+._:-]*(=[A-Za-z0-9.+:~*^_-]+)?$',
  allowsNumber: false,
  parse: (text) => {
    const equals = text.indexOf('=');
    const [word, wanted] = equals < 0 ? [text] : [text.slice(0, equals), text.slice(equals + 1)];
    const problem = packageNameProblem(word!) ?? (wanted === undefined ? undefined : versionProblem(wanted));
    return problem ?? { name: word!, ...(wanted !== undefined && { version: wanted }) };
  },
});

/** What stands behind a package's name: its version, `latest` or `absent`. */
export const packageState = notation<string>({
  expected: 'a version such as 1.22.1-9 or 1.22.*, latest or absent',
  pattern: '^[A-Za-z0-9.+:~*^_-]+$',
  allowsNumber: true,
  parse: (text) => versionProblem(text) ?? text,
});

function packageNameProblem(text: string): NotationProblem | undefined {
  if (/\s/.test(text.trim())) {
    return { problem: `"${text}" is more than one word`, hint: 'make an entry for each package' };
  }
  if (/\.(?:deb|rpm|apk)$/.test(text) || text.includes('/')) {
    return {
      problem: `"${text}" is a file or a target release, not the name of a package`,
      hint: 'name the package, give a version with name=version, and the place that has it under "repositories"',
    };
  }
  if (/^[A-Za-z0-9].*-$/.test(text)) {
    return {
      problem: `"${text}" ends with "-"`,
      hint: `to have no ${text.slice(0, -1)}, write { name: ${text.slice(0, -1)}, absent: true }`,
    };
  }
  return name.test(text)
    ? undefined
    : { problem: `"${text}" cannot be a package's name`, hint: 'a name is like "nginx" or "libc6:i386"' };
}

function versionProblem(text: string): NotationProblem | undefined {
  if (version.test(text)) return undefined;
  return {
    problem: `"${text}" cannot be a version`,
    hint: 'a version is like 1.22.1-9+deb12u1, or with * for the rest: 1.22.*',
  };
}
