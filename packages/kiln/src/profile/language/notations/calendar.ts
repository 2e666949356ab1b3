import { type NotationProblem, notation } from '../../../base/yaml/shape.ts';

const words = [
  'minutely',
  'hourly',
  'daily',
  'monthly',
  'weekly',
  'yearly',
  'annually',
  'quarterly',
  'semiannually',
];
const day = '(?:mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)';
const weekdays = new RegExp(`^${day}(?:\\.\\.${day}|-${day})?(?:,${day}(?:\\.\\.${day}|-${day})?)*,?$`, 'i');
/** `*`, a number, a range, each with a step behind it; several with commas. */
const component = (digits: string) => {
  const one = `(?:\\*|${digits}(?:\\.\\.${digits})?)(?:/\\d+(?:\\.\\d+)?)?`;
  return `${one}(?:,${one})*`;
};
const two = component('\\d{1,2}');
const date = new RegExp(`^(?:(${component('\\d{2,4}')})-)?(${two})[-~](${two})$`);
const time = new RegExp(`^(${two}):(${two})(?::(${component('\\d{1,2}(?:\\.\\d+)?')}))?$`);

/** A calendar expression of systemd.time(7), as far as it can be told without systemd. */
export const calendar = notation<string>({
  expected: 'a calendar expression such as daily or "Mon..Fri 03:30"',
  pattern: '^[A-Za-z0-9*:./,~@ +_-]+$',
  allowsNumber: false,
  parse: (text) => calendarProblem(text) ?? text.trim().replace(/\s+/g, ' '),
});

export function calendarProblem(text: string): NotationProblem | undefined {
  const parts = text.trim().split(/\s+/);
  const zone = parts.length > 1 && /^(?:UTC|[A-Z][A-Za-z_]+(?:\/[A-Za-z0-9_+-]+)*)$/.test(parts.at(-1)!);
  if (zone && !weekdays.test(parts.at(-1)!)) parts.pop();
  if (parts.length === 1 && words.includes(parts[0]!.toLowerCase())) return undefined;
  if (/^@?\d{9,}$/.test(text)) return undefined;
  const rest = [...parts];
  if (weekdays.test(rest[0] ?? '')) rest.shift();
  const dated = date.exec(rest[0] ?? '');
  if (dated) rest.shift();
  const timed = time.exec(rest[0] ?? '');
  if (timed) rest.shift();
  const isWhole = rest.length === 0 && parts.length > 0;
  const outside =
    outOf(dated?.[2], 1, 12) ??
    outOf(dated?.[3], 1, 31) ??
    outOf(timed?.[1], 0, 23) ??
    outOf(timed?.[2], 0, 59);
  if (isWhole && outside === undefined) return undefined;
  return {
    problem:
      outside === undefined
        ? `"${text}" is not a calendar expression of systemd`
        : `"${text}" has ${outside} where no such number can be`,
    hint: 'write daily, "Mon..Fri 03:30", "*-*-01 04:00" or "*:0/15" (man systemd.time); `systemd-analyze calendar` explains them',
  };
}

function outOf(text: string | undefined, min: number, max: number): string | undefined {
  const numbers = text?.replace(/\/[\d.]+/g, '').match(/\d+/g) ?? [];
  return numbers.find((one) => Number(one) < min || Number(one) > max);
}
