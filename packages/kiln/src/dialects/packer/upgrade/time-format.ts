import { quoteHcl } from '@kiln/hcl';

/** Parts of Go's layouts and what formatdate calls them; longest first where one begins like another. */
const layoutParts: readonly (readonly [go: string, formatdate: string])[] = [
  ['January', 'MMMM'],
  ['Jan', 'MMM'],
  ['Monday', 'EEEE'],
  ['Mon', 'EEE'],
  ['2006', 'YYYY'],
  ['01', 'MM'],
  ['02', 'DD'],
  ['03', 'HH'],
  ['04', 'mm'],
  ['05', 'ss'],
  ['06', 'YY'],
  ['15', 'hh'],
  ['1', 'M'],
  ['2', 'D'],
  ['3', 'H'],
  ['4', 'm'],
  ['5', 's'],
  ['PM', 'AA'],
  ['pm', 'aa'],
  ['Z07:00', 'Z'],
  ['-07:00', 'ZZZZZ'],
  ['-0700', 'ZZZZ'],
];

/** Parts of layouts that formatdate has nothing for. */
const foreignParts = /^(?:MST|_2|__2|002|-07|Z07|[.,](?:0+|9+)(?!\d))/;

const directives: Readonly<Record<string, string>> = {
  a: 'Mon',
  A: 'Monday',
  b: 'Jan',
  B: 'January',
  d: '02',
  H: '15',
  I: '03',
  m: '01',
  M: '04',
  p: 'PM',
  S: '05',
  y: '06',
  Y: '2006',
  z: '-0700',
};

/**
 * The expression for the time of the build by a layout of Go's package time: formatdate, which every Packer with HCL2
 * has, or legacy_isotime where it cannot say that.
 */
export function isotimeCode(layout: string): string {
  const format = formatdateOf(layout);
  if (format === undefined) return `legacy_isotime(${quoteHcl(layout)})`;
  return `formatdate(${quoteHcl(format)}, timestamp())`;
}

/** The same for strftime's directives. */
export function strftimeCode(format: string): string {
  let converted: string | undefined = '';
  for (const [part, letter] of format.matchAll(/%([\s\S])|[^%]+|%/g)) {
    const layout = letter === undefined ? undefined : directives[letter];
    const piece = layout === undefined ? literal(part) : formatdateOf(layout);
    // Directives that are unknown stay as they are in Packer, and %% is a single one.
    if (letter !== undefined && layout === undefined) {
      converted = undefined;
      break;
    }
    converted += piece ?? '';
  }
  if (converted === undefined) return `legacy_strftime(${quoteHcl(format)})`;
  return `formatdate(${quoteHcl(converted)}, timestamp())`;
}

function formatdateOf(layout: string): string | undefined {
  let format = '';
  let text = '';
  let rest = layout;
  while (rest !== '') {
    const found = layoutParts.find(([go]) => rest.startsWith(go));
    if (!found && foreignParts.test(rest)) return undefined;
    if (found) {
      format += literal(text) + found[1];
      text = '';
      rest = rest.slice(found[0].length);
    } else {
      text += rest[0];
      rest = rest.slice(1);
    }
  }
  return format + literal(text);
}

/** formatdate takes letters for its own unless they stand in single quotes. */
function literal(text: string): string {
  return /[A-Za-z']/.test(text) ? `'${text.replaceAll("'", "''")}'` : text;
}
