import { type TemplateUses, usesOf } from '@kiln/gotemplate';
import { KilnError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import type { LateExpression, Text, TextTemplate } from '../plan/text.ts';
import { expressionFunction, parseSource, renderSource } from './render-text.ts';
import type { TextScope } from './template-functions.ts';

/** What a text may ask for that is known only when the build runs. */
export interface LateData {
  /** Names `X` of `{{ .X }}`. */
  readonly fields: ReadonlySet<string>;
  /** `{{ build "X" }}` may be called. */
  readonly build: boolean;
  /** Another name is a mistake; otherwise it becomes `<no value>`, as in Packer, and a warning. */
  readonly strict: boolean;
  /** Keep the source as it is even if nothing in it is late: a program puts its own values in. */
  readonly always?: boolean;
}

export interface CompiledText<T extends Text = Text> {
  readonly text: T;
  readonly warnings: readonly { readonly message: string; readonly hint?: string }[];
}

/** Names of the values that every build hands to its provisioners and post-processors. */
export const buildValueNames: readonly string[] = [
  'ConnType',
  'Host',
  'ID',
  'PackerHTTPAddr',
  'PackerHTTPIP',
  'PackerHTTPPort',
  'PackerRunUUID',
  'Password',
  'Port',
  'SSHPrivateKey',
  'SSHPublicKey',
  'User',
  'WinRMPassword',
];

/** For texts of provisioners and post-processors. */
export const lateBuildValues: LateData = { fields: new Set(buildValueNames), build: true, strict: false };

/**
 * Renders what can be rendered before a build runs. A text that asks for late data stays a template, with the values
 * of the variables that it names.
 * @throws KilnError `template-invalid`, `unsupported`
 */
export function compileText(
  source: string,
  scope: TextScope,
  late?: LateData,
  expressions: readonly LateExpression[] = [],
): CompiledText {
  if (!source.includes('{{')) return { text: source, warnings: [] };
  const uses = allUses(source, scope, late !== undefined, expressions.length > 0);
  const warnings = [...undeclaredVariables(uses, scope), ...unknownFields(uses, late)];
  const isLate =
    late !== undefined &&
    (late.always ||
      uses.calls.some((call) => call.name === 'build' || call.name === expressionFunction) ||
      uses.fields.some((field) => field.ofData && late.fields.has(field.path[0]!)));
  if (!isLate) {
    if (uses.calls.some((call) => call.name === 'build')) throw noBuildValues();
    return { text: renderSource(source, scope, { nested: late !== undefined }), warnings };
  }
  if (!late.build && uses.calls.some((call) => call.name === 'build')) throw noBuildValues();
  return { text: keep(source, uses, scope, expressions), warnings };
}

/** The same for a text that must be known at once. */
export function compileNow(source: string, scope: TextScope): CompiledText<string> {
  const { text, warnings } = compileText(source, scope);
  if (typeof text !== 'string') throw new KilnError('internal', 'a text without late data stayed a template');
  return { text, warnings };
}

function keep(
  source: string,
  uses: TemplateUses,
  scope: TextScope,
  expressions: readonly LateExpression[],
): TextTemplate {
  const named = uses.calls.filter((call) => call.name === 'user').map((call) => call.literals[0]);
  const declared = scope.user ?? {};
  const names = named.includes(undefined) ? Object.keys(declared) : [...new Set(named)];
  const user = Object.fromEntries(
    names.flatMap((name) =>
      name !== undefined && Object.hasOwn(declared, name) ? [[name, declared[name]!] as const] : [],
    ),
  );
  const needsFolder = uses.calls.some((call) => call.name === 'template_dir');
  return {
    kind: 'template',
    source,
    ...(Object.keys(user).length > 0 && { user }),
    ...(needsFolder && scope.templateFolder !== undefined && { templateFolder: scope.templateFolder }),
    ...(expressions.length > 0 && { expressions }),
  };
}

/** What a source uses, and what the values of the variables use that it names. */
function allUses(source: string, scope: TextScope, nested: boolean, hasExpressions: boolean): TemplateUses {
  const calls: TemplateUses['calls'][number][] = [];
  const fields: TemplateUses['fields'][number][] = [];
  const seen = new Set<string>();
  const visit = (text: string): void => {
    const uses = usesOf(parseSource(text, hasExpressions, scope.hide));
    calls.push(...uses.calls);
    fields.push(...uses.fields);
    if (!nested) return;
    for (const { name, literals } of uses.calls) {
      const variable = name === 'user' ? literals[0] : undefined;
      if (variable === undefined || seen.has(variable)) continue;
      seen.add(variable);
      const value = scope.user && Object.hasOwn(scope.user, variable) ? scope.user[variable]! : '';
      if (value.includes('{{')) visit(value);
    }
  };
  visit(source);
  return { calls, fields };
}

function undeclaredVariables(uses: TemplateUses, scope: TextScope): CompiledText['warnings'] {
  const declared = scope.user ?? {};
  return uses.calls.flatMap(({ name, literals }) => {
    const variable = literals[0];
    if (name !== 'user' || variable === undefined || Object.hasOwn(declared, variable)) return [];
    const hint = didYouMean(variable, Object.keys(declared));
    return [
      { message: `the variable "${variable}" does not exist and counts as empty`, ...(hint && { hint }) },
    ];
  });
}

function unknownFields(uses: TemplateUses, late: LateData | undefined): CompiledText['warnings'] {
  return uses.fields.flatMap(({ path, ofData }) => {
    const name = path[0]!;
    if (!ofData || late?.fields.has(name)) return [];
    const hint =
      didYouMean(name, late?.fields ?? []) ??
      (late && late.fields.size > 0
        ? `known here: ${[...late.fields].join(', ')}; write {{ "{{" }} for a literal {{`
        : 'write {{ "{{" }} for a literal {{');
    const message = `{{ .${name} }} has no value here`;
    if (late?.strict) throw new KilnError('template-invalid', message, { hint });
    return [{ message: `${message} and becomes "<no value>"`, hint }];
  });
}

function noBuildValues(): KilnError {
  return new KilnError('template-invalid', '{{ build … }} has no value here', {
    hint: 'only provisioners and post-processors know the values of a build that runs',
  });
}
