import { type NotationProblem, notation } from '../../../base/yaml/shape.ts';

/** What is wrong with a path in the machine, if anything. */
export function pathProblem(text: string): NotationProblem | undefined {
  if (!text.startsWith('/')) {
    return {
      problem: `"${text}" is not an absolute path`,
      hint: text.startsWith('~')
        ? 'write the home folder out, such as /home/deploy'
        : 'write where in the machine, from "/" on',
    };
  }
  const parts = text.slice(1).split('/');
  if (parts.includes('..')) {
    return { problem: `"${text}" has ".." in it`, hint: 'write the path that it comes to' };
  }
  if (text === '/') return { problem: '"/" is the whole system', hint: 'name something in it' };
  if (text.endsWith('/')) {
    return {
      problem: `"${text}" ends with "/"`,
      hint: `write ${text.replace(/\/+$/, '')}, and for a folder "directory: true"`,
    };
  }
  if (parts.includes('.') || parts.includes('')) {
    return { problem: `"${text}" has "." or "//" in it`, hint: `write ${plainPath(parts)}` };
  }
  if (/[\x00-\x1f\x7f]/.test(text)) {
    return { problem: 'the path has a line end or a control character in it', hint: 'take it out' };
  }
  if (text.length > 4000 || parts.some((part) => Buffer.byteLength(part) > 255)) {
    return { problem: 'the path is too long', hint: 'a name has at most 255 bytes' };
  }
  const kernel = /^\/(proc|sys|dev)(?:\/|$)/.exec(text)?.[1];
  if (kernel !== undefined) {
    return {
      problem: `"${text}" is the kernel's: what is written to /${kernel} is gone after a restart`,
      hint: kernel === 'dev' ? 'use a rule of udev in /etc/udev/rules.d' : 'use "sysctl" under "config"',
    };
  }
  return undefined;
}

function plainPath(parts: readonly string[]): string {
  return `/${parts.filter((part) => part !== '' && part !== '.').join('/')}`;
}

/** An absolute path in the machine. */
export const machinePath = notation<string>({
  expected: 'an absolute path such as /etc/motd',
  pattern: '^/',
  allowsNumber: false,
  parse: (text) => pathProblem(text) ?? text,
});

/** Keys are checked by `pathProblem`, which says more than a pattern can. */
export const pathKey = {
  what: 'a path',
  pattern: '',
  expected: 'an absolute path such as /etc/motd',
} as const;

/** Permission bits, as for chmod; always a text, because YAML reads 0644 as six hundred and forty-four. */
export const fileMode = notation<number>({
  expected: 'permission bits such as "0644"',
  pattern: '^(0o?)?[0-7]{3,4}$',
  allowsNumber: false,
  whenNumber: (written) => ({
    problem: `${written} is a number, which is not what chmod understands by it`,
    hint: `put quotes around it: "${written.replace(/^0o?/, '').padStart(4, '0')}"`,
  }),
  parse: (text) => {
    if (/^(?:0o?)?[0-7]{3,4}$/.test(text)) return Number.parseInt(text.replace('o', ''), 8);
    return /[rwx]/.test(text)
      ? {
          problem: `"${text}" is not in octal digits`,
          hint: 'write "0644" for rw-r--r--, "0755" for rwxr-xr-x',
        }
      : {
          problem: `"${text}" cannot be permission bits`,
          hint: 'write three or four digits from 0 to 7: "0644"',
        };
  },
});

/** `true`, or a local folder whose content is copied. */
export const directorySource = notation<true | string>({
  expected: 'true, or a local folder to copy',
  pattern: '^.+$',
  allowsNumber: false,
  allowsSwitch: true,
  parse: (text) =>
    text === 'true'
      ? true
      : text === 'false'
        ? {
            problem: 'nothing else than a directory can be meant',
            hint: 'leave it out, or write "absent: true"',
          }
        : text,
});
