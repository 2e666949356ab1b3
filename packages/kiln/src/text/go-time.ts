/** Formatting of UTC times by Go's layouts and by strftime's directives. */

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function dayOfYear(time: Date): number {
  return Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
}

function hourOfHalfDay(time: Date): number {
  return time.getUTCHours() % 12 || 12;
}

/** The parts that a Go layout is made of, longest first where one begins like another. */
const layoutParts: readonly (readonly [RegExp, (time: Date, match: string) => string])[] = [
  [/^January/, (time) => months[time.getUTCMonth()]!],
  [/^Jan(?![a-z])/, (time) => months[time.getUTCMonth()]!.slice(0, 3)],
  [/^Monday/, (time) => days[time.getUTCDay()]!],
  [/^Mon(?![a-z])/, (time) => days[time.getUTCDay()]!.slice(0, 3)],
  [/^MST/, () => 'UTC'],
  [/^2006/, (time) => String(time.getUTCFullYear()).padStart(4, '0')],
  [/^__2/, (time) => String(dayOfYear(time)).padStart(3, ' ')],
  [/^_2006/, (time) => `_${String(time.getUTCFullYear()).padStart(4, '0')}`],
  [/^_2/, (time) => String(time.getUTCDate()).padStart(2, ' ')],
  [/^002/, (time) => String(dayOfYear(time)).padStart(3, '0')],
  [/^01/, (time) => two(time.getUTCMonth() + 1)],
  [/^02/, (time) => two(time.getUTCDate())],
  [/^03/, (time) => two(hourOfHalfDay(time))],
  [/^04/, (time) => two(time.getUTCMinutes())],
  [/^05/, (time) => two(time.getUTCSeconds())],
  [/^06/, (time) => two(time.getUTCFullYear() % 100)],
  [/^15/, (time) => two(time.getUTCHours())],
  [/^1/, (time) => String(time.getUTCMonth() + 1)],
  [/^2/, (time) => String(time.getUTCDate())],
  [/^3/, (time) => String(hourOfHalfDay(time))],
  [/^4/, (time) => String(time.getUTCMinutes())],
  [/^5/, (time) => String(time.getUTCSeconds())],
  [/^PM/, (time) => (time.getUTCHours() >= 12 ? 'PM' : 'AM')],
  [/^pm/, (time) => (time.getUTCHours() >= 12 ? 'pm' : 'am')],
  [/^-07:00:00/, () => '+00:00:00'],
  [/^-07:00/, () => '+00:00'],
  [/^-070000/, () => '+000000'],
  [/^-0700/, () => '+0000'],
  [/^-07/, () => '+00'],
  [/^Z(?:07:00:00|07:00|070000|0700|07)/, () => 'Z'],
  [/^[.,](?:0+|9+)(?!\d)/, fraction],
];

function fraction(time: Date, match: string): string {
  const digits = `${String(time.getUTCMilliseconds()).padStart(3, '0')}000000`.slice(0, match.length - 1);
  if (match[1] === '0') return match[0] + digits.padEnd(match.length - 1, '0');
  const short = digits.replace(/0+$/, '');
  return short === '' ? '' : match[0] + short;
}

/** A time by a layout of Go's package time (https://pkg.go.dev/time#Layout), in UTC. */
export function formatGoTime(time: Date, layout: string): string {
  let result = '';
  let rest = layout;
  while (rest !== '') {
    const found = layoutParts.find(([pattern]) => pattern.test(rest));
    if (found) {
      const match = found[0].exec(rest)![0];
      result += found[1](time, match);
      rest = rest.slice(match.length);
    } else {
      result += rest[0];
      rest = rest.slice(1);
    }
  }
  return result;
}

const directives: Readonly<Record<string, string>> = {
  a: 'Mon',
  A: 'Monday',
  b: 'Jan',
  B: 'January',
  d: '02',
  H: '15',
  I: '03',
  L: '.000',
  m: '01',
  M: '04',
  p: 'PM',
  S: '05',
  y: '06',
  Y: '2006',
  z: '-0700',
  Z: 'MST',
};

/** A time by strftime's directives, as far as Packer's function of that name knows them; others stay as they are. */
export function formatStrftime(time: Date, format: string): string {
  return format.replace(/%(.)/gs, (whole, letter: string) => {
    if (letter === '%') return '%';
    const layout = directives[letter];
    return layout === undefined ? whole : formatGoTime(time, layout);
  });
}
