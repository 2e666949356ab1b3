import { type NotationProblem, notation } from '../../../base/yaml/shape.ts';

/** An address of the web. */
export const webUrl = notation<string>({
  expected: 'a URL such as https://example.org/file',
  pattern: '^https?://[^\\s/]+',
  allowsNumber: false,
  parse: (text) => urlProblem(text) ?? text,
});

export function urlProblem(text: string): NotationProblem | undefined {
  if (/\s/.test(text) || !URL.canParse(text)) {
    return { problem: `"${text}" is not a URL`, hint: 'a URL is like https://example.org/file' };
  }
  const { protocol } = new URL(text);
  if (protocol === 'http:' || protocol === 'https:') return undefined;
  return {
    problem: `"${text}" cannot be fetched: ${protocol.slice(0, -1)} is neither http nor https`,
    hint: 'use an http or https URL, or download the file and name its path with "source"',
  };
}

/** Base of a repository; unlike what is fetched for a file, it may be on this host or on a disc. */
export const repositoryUrl = notation<string>({
  expected: 'a URL such as https://deb.example.org/debian',
  pattern: '^[a-z+]+:',
  allowsNumber: false,
  parse: (text) =>
    /^(?:https?|ftp|file|mirror\+https?|mirror\+file|copy|tor\+https?|cdrom|s3):\S+$/.test(text)
      ? text
      : {
          problem: `"${text}" is not the URL of a repository`,
          hint: 'a URL is like https://deb.example.org/debian',
        },
});

/** `sha256:` and 64 hexadecimal digits; read as the digits in lower case. */
export const digest = notation<string>({
  expected: 'a digest such as sha256:9b8e…',
  pattern: '^sha256:[0-9a-fA-F]{64}$',
  allowsNumber: false,
  parse: (text) => digestProblem(text) ?? text.slice('sha256:'.length).toLowerCase(),
});

export function digestProblem(text: string): NotationProblem | undefined {
  const [, algorithm, digits] = /^(?:([a-z0-9]+):)?([0-9a-f]*)$/i.exec(text) ?? [];
  if (digits === undefined) {
    return { problem: `"${text}" is not a digest`, hint: 'a digest is sha256: and 64 hexadecimal digits' };
  }
  if (algorithm === undefined && digits.length === 64) {
    return { problem: 'the digest does not say what it is', hint: `write sha256:${digits}` };
  }
  if (algorithm?.toLowerCase() !== 'sha256') {
    return {
      problem: `"${text}" is not a SHA-256 digest`,
      hint: '`sha256sum FILE` prints one; write sha256: in front',
    };
  }
  return digits.length === 64
    ? undefined
    : {
        problem: `the digest has ${digits.length} digits, and SHA-256 has 64`,
        hint: '`sha256sum FILE` prints it; copy all of it',
      };
}
