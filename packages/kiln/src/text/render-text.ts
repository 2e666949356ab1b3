import { execute, type GoFunction, GoTemplateError, parse, type Template } from '@kiln/gotemplate';
import { KilnError } from '../base/errors.ts';
import { shortened } from '../base/shorten.ts';
import { didYouMean } from '../base/suggest.ts';
import type { LateExpression, Text } from '../plan/text.ts';
import { type TextScope, templateFunctions } from './template-functions.ts';

export type RenderText = (text: Text, data?: Readonly<Record<string, unknown>>) => string;

/** Stands in a template's source for an HCL2 expression of the text; no function that people call. */
export const expressionFunction = 'expression';

/** Names of all functions that a text may call beside Go's own. */
export const textFunctionNames: readonly string[] = [...Object.keys(templateFunctions({})), 'user'].sort();

/**
 * The renderer of one build. `{{ .Name }}` finds `data` first and the build's values then; what neither has
 * becomes `<no value>`, as in Packer.
 */
export function createRenderer(scope: TextScope): RenderText {
  return (text, data) => renderText(text, scope, data);
}

/**
 * Fills a text's holes. A plain text has none, whatever it looks like.
 * @throws KilnError `template-invalid`, `unsupported`
 */
export function renderText(
  text: Text,
  scope: TextScope,
  data: Readonly<Record<string, unknown>> = {},
): string {
  if (typeof text === 'string') return text;
  const user = text.user ? { ...scope.user, ...text.user } : scope.user;
  const templateFolder = text.templateFolder ?? scope.templateFolder;
  const inner: TextScope = {
    ...scope,
    ...(user && { user }),
    ...(templateFolder !== undefined && { templateFolder }),
  };
  return renderSource(text.source, inner, {
    data: { ...scope.values, ...data },
    nested: true,
    ...(text.expressions && { expressions: text.expressions }),
  });
}

/** Deepest chain of variables whose values name other variables. */
const userDepthLimit = 20;

export interface SourceOptions {
  readonly data?: Readonly<Record<string, unknown>>;
  /** Render the values of user variables too: they may have holes that only now can be filled. */
  readonly nested?: boolean;
  readonly expressions?: readonly LateExpression[];
}

/** Renders a source in Packer's template language. @throws KilnError `template-invalid`, `unsupported` */
export function renderSource(source: string, scope: TextScope, options: SourceOptions = {}): string {
  return renderNested(source, scope, options, 0);
}

/** @throws KilnError `template-invalid` when the source is not a right template, or calls an unknown function */
export function parseSource(
  source: string,
  hasExpressions = false,
  hide: TextScope['hide'] = undefined,
): Template {
  const functions = hasExpressions ? [...textFunctionNames, expressionFunction] : textFunctionNames;
  const parsed = parse(source, { functions });
  if (parsed.ok) return parsed.template;
  throw invalid(source, parsed.diagnostics[0]!.message, hide);
}

function renderNested(source: string, scope: TextScope, options: SourceOptions, depth: number): string {
  if (!source.includes('{{')) return source;
  const { expressions } = options;
  const template = parseSource(source, expressions !== undefined, scope.hide);
  const user: GoFunction = {
    parameters: ['string'],
    call: (name: string) => {
      const value = scope.user !== undefined && Object.hasOwn(scope.user, name) ? scope.user[name]! : '';
      if (!options.nested) return value;
      if (depth < userDepthLimit) return renderNested(value, scope, options, depth + 1);
      throw new KilnError('template-invalid', `the variable "${name}" leads back to itself`);
    },
  };
  const expression: GoFunction = {
    parameters: ['int'],
    call: (index: number) => {
      const value = evaluateExpression(expressions![index]!, scope);
      return renderNested(value, scope, { ...options, expressions: undefined }, depth + 1);
    },
  };
  const functions = {
    ...templateFunctions(scope),
    user,
    ...(expressions && { [expressionFunction]: expression }),
  };
  try {
    return execute(template, { data: options.data ?? {}, functions });
  } catch (error) {
    if (!(error instanceof GoTemplateError)) throw error;
    if (!(error.cause instanceof KilnError)) throw invalid(source, error.message, scope.hide);
    const { code, hint } = error.cause;
    throw new KilnError(code, `${error.message} in ${quoted(source, scope.hide)}`, {
      ...(hint && { hint }),
      cause: error,
    });
  }
}

function evaluateExpression(expression: LateExpression, { evaluate, values = {} }: TextScope): string {
  if (!evaluate) throw new KilnError('internal', 'nobody here can evaluate HCL2 expressions');
  return evaluate(expression, values);
}

function invalid(source: string, message: string, hide: TextScope['hide']): KilnError {
  const unknown = /^the function "(\w+)" does not exist$/.exec(message);
  const hint = unknown ? didYouMean(unknown[1]!, textFunctionNames) : undefined;
  return new KilnError('template-invalid', shortened(`${message} in ${quoted(source, hide)}`), {
    ...(hint && { hint }),
  });
}

/** As much of a source as a person needs to recognise it. */
function quoted(source: string, hide: TextScope['hide'] = (text) => text): string {
  const line = hide(source).trim().replace(/\s+/g, ' ');
  return `"${line.length > 80 ? `${line.slice(0, 77)}…` : line}"`;
}
