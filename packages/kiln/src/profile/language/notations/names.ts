import { type NotationProblem, notation } from '../../../base/yaml/shape.ts';

/** Names of users and groups as useradd(8) takes them. */
const account = /^[a-z_][a-z0-9_-]{0,31}$/;

export const accountKey = {
  pattern: '^[a-z_][a-z0-9_-]{0,31}$',
  expected: 'small letters, digits, "_" and "-", at most 32 of them, such as "deploy"',
} as const;

function accountName(what: string) {
  return notation<string>({
    expected: `a ${what} such as "deploy"`,
    pattern: accountKey.pattern,
    allowsNumber: false,
    parse: (text) =>
      account.test(text)
        ? text
        : { problem: `"${text}" cannot be a ${what}`, hint: `expected ${accountKey.expected}` },
  });
}

export const userName = accountName("user's name");
export const groupName = accountName("group's name");

/** Names of groups in one text, as usermod(8) has them. */
export const groupNames = notation<readonly string[]>({
  expected: 'names of groups such as "sudo, docker"',
  pattern: '^[a-z_][a-z0-9_-]*(\\s*,\\s*[a-z_][a-z0-9_-]*)*$',
  allowsNumber: false,
  parse: (text) => {
    const names = text.split(',').map((name) => name.trim());
    const wrong = names.find((name) => !account.test(name));
    return wrong === undefined
      ? names
      : { problem: `"${wrong}" cannot be a group's name`, hint: `expected ${accountKey.expected}` };
  },
});

export interface Owner {
  readonly owner?: string;
  readonly group?: string;
}

/** Owner of a file, by names or numbers. */
export const owner = notation<Owner>({
  expected: 'an owner such as "www-data" or "www-data:adm"',
  pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$',
  allowsNumber: true,
  parse: (text) => {
    const match = /^([a-z0-9_][\w.-]*)(?::([a-z0-9_][\w.-]*))?$/i.exec(text);
    return match ? { owner: match[1]!, ...(match[2] !== undefined && { group: match[2] }) } : undefined;
  },
});

export const fileGroup = notation<string>({
  expected: 'a group such as "adm"',
  pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$',
  allowsNumber: true,
  parse: (text) => (/^[a-z0-9_][\w.-]*$/i.test(text) ? text : undefined),
});

const unitTypes = /\.(?:service|socket|timer|mount|automount|path|target|slice|swap|device|scope)$/;

/** A unit of systemd; one without a suffix is a service. */
export const unitName = notation<string>({
  expected: 'the name of a service, such as nginx or backup.timer',
  pattern: '^[A-Za-z0-9:_.@-]+$',
  allowsNumber: false,
  parse: (text) =>
    /^[A-Za-z0-9:_.@\\-]{1,255}$/.test(text)
      ? unitTypes.test(text)
        ? text
        : `${text}.service`
      : {
          problem: `"${text}" cannot be the name of a service`,
          hint: 'a name is like nginx or backup.timer',
        },
});

export const unitKey = {
  what: "a service's name",
  pattern: '^[A-Za-z0-9:_.@\\\\-]{1,255}$',
  expected: 'a name such as nginx or backup.timer',
} as const;

/** Name of a file that Kiln makes for an entry: of a repository, a cron job, a timer. */
export const entryKey = {
  pattern: '^[a-z0-9][a-z0-9_-]{0,62}$',
  expected: 'small letters, digits, "_" and "-", such as "nightly-backup"',
} as const;

export const entryName = notation<string>({
  expected: `a name of ${entryKey.expected}`,
  pattern: entryKey.pattern,
  allowsNumber: false,
  parse: (text) => (new RegExp(entryKey.pattern).test(text) ? text : nameProblem(text)),
});

function nameProblem(text: string): NotationProblem {
  return { problem: `"${text}" cannot be a name here`, hint: `expected ${entryKey.expected}` };
}
