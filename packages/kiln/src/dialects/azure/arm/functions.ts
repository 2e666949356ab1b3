import { createHash } from 'node:crypto';
import { ExpressionError } from './expression.ts';

/** Where a deployment would take place. */
export interface Deployment {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly tenantId: string;
  readonly now: Date;
}

export type ArmFunction = (args: readonly unknown[], deployment: Deployment) => unknown;

/**
 * Functions of ARM templates that need nothing deployed, by their names in lower case
 * (https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions).
 */
export const armFunctions: Readonly<Record<string, ArmFunction>> = {
  concat: (args) => (args.every(Array.isArray) && args.length > 0 ? args.flat() : args.map(textOf).join('')),
  format: ([pattern, ...args]) =>
    textOf(pattern).replace(/\{\{|\}\}|\{(\d+)(?:[,:][^}]*)?\}/g, (hole, index: string | undefined) =>
      index === undefined ? hole[0]! : textOf(args[Number(index)]),
    ),
  tolower: ([text]) => textOf(text).toLowerCase(),
  toupper: ([text]) => textOf(text).toUpperCase(),
  trim: ([text]) => textOf(text).trim(),
  string: ([value]) => (typeof value === 'object' ? JSON.stringify(value) : textOf(value)),
  int: ([value]) => {
    const number = Number(value);
    if (Number.isInteger(number)) return number;
    throw new ExpressionError(`int() needs a whole number, not "${String(value)}"`);
  },
  bool: ([value]) => value === true || /^(?:true|1)$/i.test(textOf(value)),
  true: () => true,
  false: () => false,
  null: () => null,
  if: ([condition, yes, no]) => (condition === true ? yes : no),
  equals: ([a, b]) => JSON.stringify(a) === JSON.stringify(b),
  not: ([value]) => value !== true,
  and: (args) => args.every((one) => one === true),
  or: (args) => args.some((one) => one === true),
  coalesce: (args) => args.find((one) => one !== null && one !== undefined) ?? null,
  empty: ([value]) => value === null || value === undefined || sizeOf(value) === 0,
  length: ([value]) => sizeOf(value),
  add: ([a, b]) => numberOf(a) + numberOf(b),
  sub: ([a, b]) => numberOf(a) - numberOf(b),
  mul: ([a, b]) => numberOf(a) * numberOf(b),
  div: ([a, b]) => Math.trunc(numberOf(a) / numberOf(b)),
  replace: ([text, old, by]) => textOf(text).replaceAll(textOf(old), textOf(by)),
  split: ([text, by]) => {
    const signs = Array.isArray(by) ? by.map(textOf) : [textOf(by)];
    return signs.reduce<string[]>((parts, sign) => parts.flatMap((part) => part.split(sign)), [textOf(text)]);
  },
  join: ([list, by]) => listOf(list).map(textOf).join(textOf(by)),
  substring: ([text, start, length]) =>
    textOf(text).slice(
      numberOf(start),
      length === undefined ? undefined : numberOf(start) + numberOf(length),
    ),
  first: ([value]) => (typeof value === 'string' ? value.slice(0, 1) : listOf(value)[0]),
  last: ([value]) => (typeof value === 'string' ? value.slice(-1) : listOf(value).at(-1)),
  take: ([value, count]) =>
    typeof value === 'string' ? value.slice(0, numberOf(count)) : listOf(value).slice(0, numberOf(count)),
  skip: ([value, count]) =>
    typeof value === 'string' ? value.slice(numberOf(count)) : listOf(value).slice(numberOf(count)),
  startswith: ([text, start]) => textOf(text).toLowerCase().startsWith(textOf(start).toLowerCase()),
  endswith: ([text, end]) => textOf(text).toLowerCase().endsWith(textOf(end).toLowerCase()),
  indexof: ([text, part]) => textOf(text).toLowerCase().indexOf(textOf(part).toLowerCase()),
  contains: ([whole, part]) => {
    if (Array.isArray(whole)) return whole.includes(part);
    if (typeof whole === 'object' && whole !== null) return Object.hasOwn(whole, textOf(part));
    return textOf(whole).includes(textOf(part));
  },
  createarray: (args) => args,
  createobject: (args) => {
    const entries: [string, unknown][] = [];
    for (let index = 0; index < args.length; index += 2) entries.push([textOf(args[index]), args[index + 1]]);
    return Object.fromEntries(entries);
  },
  union: (args) =>
    args.every(Array.isArray)
      ? [...new Set(args.flat())]
      : Object.fromEntries(args.flatMap((one) => Object.entries(one as object))),
  base64: ([text]) => Buffer.from(textOf(text)).toString('base64'),
  uri: ([base, path]) => URL.parse(textOf(path), textOf(base))?.href ?? `${textOf(base)}${textOf(path)}`,
  uniquestring: (args) => letters(args, 13),
  guid: (args) => {
    const hex = createHash('sha256').update(args.map(textOf).join('\n')).digest('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
      '-',
    );
  },
  utcnow: ([pattern], { now }) =>
    formatTime(now, pattern === undefined ? 'yyyyMMddTHHmmssZ' : textOf(pattern)),
  subscription: (_args, { subscriptionId, tenantId }) => ({
    id: `/subscriptions/${subscriptionId}`,
    subscriptionId,
    tenantId,
    displayName: subscriptionId,
  }),
  resourcegroup: (_args, { subscriptionId, resourceGroup, location }) => ({
    id: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`,
    name: resourceGroup,
    type: 'Microsoft.Resources/resourceGroups',
    location,
    tags: {},
  }),
  tenant: (_args, { tenantId }) => ({ tenantId }),
  resourceid: (args, { subscriptionId, resourceGroup }) => {
    const { before, path } = idParts(args);
    const group = before.at(-1) ?? resourceGroup;
    const subscription = before.length > 1 ? before[0]! : subscriptionId;
    return `/subscriptions/${subscription}/resourceGroups/${group}/providers/${path}`;
  },
  subscriptionresourceid: (args, { subscriptionId }) => {
    const { before, path } = idParts(args);
    return `/subscriptions/${before[0] ?? subscriptionId}/providers/${path}`;
  },
};

/** A type such as `Microsoft.Compute/galleries/images` and a name for each of its parts; ids may stand before. */
function idParts(args: readonly unknown[]): { readonly before: readonly string[]; readonly path: string } {
  const words = args.map(textOf);
  const index = words.findIndex((word) => word.includes('/'));
  if (index < 0) throw new ExpressionError('resourceId() needs a type such as Microsoft.Compute/images');
  const [provider = '', ...types] = words[index]!.split('/');
  const names = words.slice(index + 1).flatMap((name) => name.split('/'));
  if (types.length !== names.length) {
    throw new ExpressionError(
      `resourceId() of ${words[index]} needs ${types.length === 1 ? 'one name' : `${types.length} names`}, and there are ${names.length}`,
    );
  }
  const path = [provider, ...types.flatMap((type, position) => [type, names[position]!])].join('/');
  return { before: words.slice(0, index), path };
}

function letters(args: readonly unknown[], count: number): string {
  const bytes = createHash('sha256').update(args.map(textOf).join('\n')).digest();
  return [...bytes.subarray(0, count)].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]).join('');
}

/** The parts of .NET's custom formats that people use for names. */
function formatTime(time: Date, pattern: string): string {
  const iso = time.toISOString();
  const parts: Readonly<Record<string, string>> = {
    yyyy: iso.slice(0, 4),
    yy: iso.slice(2, 4),
    MM: iso.slice(5, 7),
    dd: iso.slice(8, 10),
    HH: iso.slice(11, 13),
    mm: iso.slice(14, 16),
    ss: iso.slice(17, 19),
    fff: iso.slice(20, 23),
  };
  return pattern.replace(/yyyy|yy|MM|dd|HH|mm|ss|fff/g, (part) => parts[part] ?? part);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  throw new ExpressionError(
    value === undefined
      ? 'a function lacks an argument'
      : 'a function got a list or an object where it needs a text',
  );
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  throw new ExpressionError('a function needs a number');
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ExpressionError('a function needs a list');
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length;
  throw new ExpressionError('a function needs a text, a list or an object');
}
