import type { GoFunction } from '@kiln/gotemplate';
import { KilnError } from '../base/errors.ts';
import type { LateExpression } from '../plan/text.ts';
import { formatGoTime, formatStrftime } from './go-time.ts';
import { packerVersion } from './packer-version.ts';

/**
 * Works out an HCL2 expression with the values of the running build.
 * @throws KilnError `template-invalid`
 */
export type EvaluateExpression = (
  expression: LateExpression,
  values: Readonly<Record<string, string>>,
) => string;

/** What the functions of a text may know. Whatever is left out makes the function that needs it fail. */
export interface TextScope {
  readonly build?: { readonly name: string; readonly type: string };
  /** What `{{ build "ID" }}` finds, by name. Read at each call: it may grow while the build runs. */
  readonly values?: Readonly<Record<string, string>>;
  /** What `{{ user "x" }}` finds. A name that is missing gives an empty text, as in Packer. */
  readonly user?: Readonly<Record<string, string>>;
  /** Folder of the template's file. */
  readonly templateFolder?: string;
  /** The working folder of the command; this process's own when left out. */
  readonly cwd?: string;
  /** The time that `timestamp`, `isotime` and `strftime` speak of, the same for a whole command. */
  readonly startedAt?: Date;
  /** Given only where `env` is allowed. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Hides secrets in what errors quote, before it is cut. */
  readonly hide?: (text: string) => string;
  /** What works out the HCL2 expressions of a text. */
  readonly evaluate?: EvaluateExpression;
}

/**
 * Packer's template functions
 * (https://developer.hashicorp.com/packer/docs/templates/legacy_json_templates/engine), but for `user`,
 * which the renderer adds: it renders what it finds.
 */
export function templateFunctions(scope: TextScope): Readonly<Record<string, GoFunction>> {
  const startedAt = scope.startedAt ?? processStart;
  return {
    build: {
      parameters: ['string'],
      call: (name: string) => needed(ownValue(scope.values, name), `the build has no value "${name}"`),
    },
    build_name: nullary(() => needed(scope.build?.name, 'build_name has no value here')),
    build_type: nullary(() => needed(scope.build?.type, 'build_type has no value here')),
    env: { parameters: ['string'], call: (name: string) => environmentValue(scope, name) },
    isotime: {
      parameters: [],
      rest: 'string',
      call: (...layouts: string[]) => {
        if (layouts.length > 1) throw new KilnError('template-invalid', 'isotime takes at most one layout');
        return formatGoTime(startedAt, layouts[0] ?? '2006-01-02T15:04:05Z07:00');
      },
    },
    strftime: { parameters: ['string'], call: (format: string) => formatStrftime(startedAt, format) },
    pwd: nullary(() => scope.cwd ?? process.cwd()),
    split: { parameters: ['string', 'string', 'int'], call: splitText },
    template_dir: nullary(() => needed(scope.templateFolder, 'template_dir has no value here')),
    timestamp: nullary(() => String(Math.floor(startedAt.getTime() / 1000))),
    uuid: nullary(timeOrderedUuid),
    packer_version: nullary(() => packerVersion),
    replace: { parameters: ['string', 'string', 'int', 'string'], call: replaceSome },
    replace_all: {
      parameters: ['string', 'string', 'string'],
      call: (old: string, fresh: string, text: string) => replaceSome(old, fresh, -1, text),
    },
    upper: { parameters: ['string'], call: (text: string) => text.toUpperCase() },
    lower: { parameters: ['string'], call: (text: string) => text.toLowerCase() },
    sed: {
      parameters: ['string', 'string'],
      call: () => {
        throw new KilnError('unsupported', 'the function sed does nothing any more', {
          hint: 'use replace or replace_all',
        });
      },
    },
    consul_key: { parameters: ['string'], call: () => unsupported('consul_key') },
    vault: { parameters: ['string', 'string'], call: () => unsupported('vault') },
    aws_secretsmanager: { parameters: [], rest: 'string', call: () => unsupported('aws_secretsmanager') },
    aws_secretsmanager_raw: { parameters: ['string'], call: () => unsupported('aws_secretsmanager_raw') },
  };
}

const processStart = new Date();

function nullary(call: () => string): GoFunction {
  return { parameters: [], call };
}

function ownValue(values: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}

function needed(value: string | undefined, message: string): string {
  if (value === undefined) throw new KilnError('template-invalid', message);
  return value;
}

function environmentValue(scope: TextScope, name: string): string {
  if (scope.env === undefined) {
    throw new KilnError('template-invalid', 'env is allowed only in the values of "variables"', {
      hint: `make a variable whose value is {{ env \`${name}\` }}, and use {{ user … }} here`,
    });
  }
  return scope.env[name] ?? '';
}

function unsupported(name: string): never {
  throw new KilnError('unsupported', `Kiln does not have the function ${name} yet`, {
    hint: 'fetch the value before and pass it as a variable',
  });
}

function splitText(text: string, separator: string, index: number): string {
  const parts = text.split(separator);
  const part = parts[index];
  if (part === undefined) {
    throw new KilnError('template-invalid', `split finds ${parts.length} parts; there is no part ${index}`);
  }
  return part;
}

/** The first `count` places of `old`, all of them when it is negative. */
function replaceSome(old: string, fresh: string, count: number, text: string): string {
  if (count < 0) return text.replaceAll(old, () => fresh);
  let left = count;
  return text.replaceAll(old, (found) => (left-- > 0 ? fresh : found));
}

/** Begins with the seconds since 1970, so that names made of it sort by age. */
function timeOrderedUuid(): string {
  const seconds = (Math.floor(Date.now() / 1000) >>> 0).toString(16).padStart(8, '0');
  const hex = process.getBuiltinModule('node:crypto').randomBytes(12).toString('hex');
  return [seconds, hex.slice(0, 4), hex.slice(4, 8), hex.slice(8, 12), hex.slice(12)].join('-');
}
