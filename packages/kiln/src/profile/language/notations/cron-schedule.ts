import { type NotationProblem, notation } from '../../../base/yaml/shape.ts';

interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for numbers, from `min` on. */
  readonly words?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: readonly CronField[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, words: months },
  { name: 'day of the week', min: 0, max: 7, words: days },
];

const nicknames = ['reboot', 'yearly', 'annually', 'monthly', 'weekly', 'daily', 'midnight', 'hourly'];

/** What is wrong with a schedule of crontab(5), if anything. */
export function cronProblem(text: string): NotationProblem | undefined {
  if (text.startsWith('@')) {
    return nicknames.includes(text.slice(1))
      ? undefined
      : {
          problem: `there is no schedule "${text}"`,
          hint: `there are ${nicknames.map((one) => `@${one}`).join(', ')}`,
        };
  }
  const parts = text.trim().split(/\s+/);
  if (parts.length !== fields.length) {
    return {
      problem: `"${text}" has ${parts.length} fields, and a schedule has five`,
      hint: 'minute, hour, day of the month, month, day of the week: "30 3 * * *" is every day at 3:30',
    };
  }
  for (const [index, field] of fields.entries()) {
    const problem = fieldProblem(parts[index]!, field);
    if (problem) return problem;
  }
  return undefined;
}

function fieldProblem(text: string, field: CronField): NotationProblem | undefined {
  for (const item of text.split(',')) {
    const [, range, step] = /^([^/]*)(?:\/(.*))?$/.exec(item)!;
    const ends = range === '*' ? [] : range!.split('-');
    const numbers = ends.map((end) => numberOf(end, field));
    const isOrdered = numbers.length < 2 || numbers[0]! <= numbers[1]!;
    const isStep = step === undefined || (/^\d+$/.test(step) && Number(step) > 0 && ends.length !== 1);
    if (numbers.length > 2 || numbers.includes(undefined) || !isOrdered || !isStep) {
      return {
        problem: `"${item}" cannot be the ${field.name} of a schedule`,
        hint: `write *, a number from ${field.min} to ${field.max}, a range such as ${field.min}-${field.max}, a list, or */5 for every fifth`,
      };
    }
  }
  return undefined;
}

function numberOf(text: string, { min, max, words }: CronField): number | undefined {
  if (/^\d{1,2}$/.test(text)) {
    const number = Number(text);
    return number >= min && number <= max ? number : undefined;
  }
  const word = words?.indexOf(text.toLowerCase()) ?? -1;
  return word < 0 ? undefined : min + word;
}

/** A schedule of crontab(5). */
export const cronSchedule = notation<string>({
  expected: 'a schedule such as "30 3 * * *" or @daily',
  pattern: '^(@[a-z]+|\\S+(\\s+\\S+){4})$',
  allowsNumber: false,
  parse: (text) => cronProblem(text) ?? text.trim().replace(/\s+/g, ' '),
});

export interface CronLine {
  readonly schedule: string;
  readonly user: string;
  readonly command: string;
}

/** A whole line of /etc/cron.d: schedule, user, command. */
export const cronLine = notation<CronLine | 'absent'>({
  expected: 'a line such as "30 3 * * * root /usr/local/bin/backup"',
  pattern: '^(absent|(@[a-z]+|\\S+(\\s+\\S+){4})\\s+\\S+\\s+.+)$',
  allowsNumber: false,
  script: true,
  parse: (text) => {
    if (text === 'absent') return 'absent';
    const match = /^(@\S+|\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+([a-z_][a-z0-9_-]*)\s+(\S[^\r\n]*)$/.exec(
      text.trim(),
    );
    if (match) {
      const [, schedule, user, command] = match;
      return (
        cronProblem(schedule!) ?? { schedule: schedule!.replace(/\s+/g, ' '), user: user!, command: command! }
      );
    }
    return {
      problem: `"${text}" is not a schedule, a user and a command`,
      hint: 'write "30 3 * * * root /usr/local/bin/backup", or schedule, user and command as fields',
    };
  },
});
