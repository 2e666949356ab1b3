import { notation } from '../../../base/yaml/shape.ts';
import { repositoryUrl } from './url.ts';

export type AptLine =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'line';
      readonly url: string;
      readonly suite: string;
      readonly components: readonly string[];
      readonly architectures: readonly string[];
      /** Path of a key on the machine, or whatever else `signed-by` names. */
      readonly signedBy?: string;
    };

/** A line of sources.list(5), or `absent`. */
export const aptLine = notation<AptLine>({
  expected: 'a line such as "deb https://deb.example.org/debian bookworm main"',
  pattern: '^(absent|deb\\s.+)$',
  allowsNumber: false,
  parse: (text) => {
    const line = text.trim();
    if (line === 'absent') return { kind: 'absent' };
    if (/^deb-src\s/.test(line)) {
      return {
        problem: 'the line is about source packages, which a machine does not need',
        hint: 'write "deb …"',
      };
    }
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?([a-z+]+:\S+)\s+(\S+)((?:\s+\S+)*)$/.exec(line);
    if (!match) return undefined;
    const [, options = '', url, suite, rest] = match;
    const wrong = repositoryUrl.parse(url!);
    if (typeof wrong === 'object') return wrong;
    const components = (rest ?? '').split(/\s+/).filter((word) => word !== '');
    if (components.length === 0 && !suite!.endsWith('/')) {
      return { problem: `"${line}" has no component behind the suite`, hint: `write "${line} main"` };
    }
    const values = new Map(
      options
        .split(/\s+/)
        .filter((word) => word !== '')
        .map((word) => [word.split('=')[0]!, word.slice(word.indexOf('=') + 1)] as const),
    );
    for (const name of values.keys()) {
      if (name === 'arch' || name === 'signed-by') continue;
      return {
        problem: `the option "${name}" cannot be honoured`,
        hint:
          name === 'trusted' ? 'give the key of the repository with "key"' : 'only arch and signed-by can',
      };
    }
    const signedBy = values.get('signed-by');
    return {
      kind: 'line',
      url: url!,
      suite: suite!,
      components,
      architectures: values.get('arch')?.split(',') ?? [],
      ...(signedBy !== undefined && { signedBy }),
    };
  },
});
