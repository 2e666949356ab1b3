import type { Expression } from '../../body.ts';
import { type Diagnostic, hasErrors } from '../../diagnostics/diagnostic.ts';
import { rangeText } from '../../diagnostics/range.ts';
import { parseTemplate } from '../../native/parse.ts';
import { isIdentifier } from '../../syntax/characters.ts';
import { dynamicType, stringType } from '../../values/type.ts';
import type { Value } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import type { FunctionHost } from '../host.ts';
import { textOf } from '../support/arguments.ts';
import { entriesOf } from '../support/entries.ts';
import { readText } from './files.ts';

const parameters = [
  { name: 'path', type: stringType },
  { name: 'vars', type: dynamicType },
];

/** @param functions Gives all functions; called only when a template is rendered. */
export function templatefileFunction(
  host: FunctionHost,
  functions: () => ReadonlyMap<string, HclFunction>,
): HclFunction {
  return {
    name: 'templatefile',
    description:
      'The content of a file rendered as a template, which sees the given variables and all functions.',
    parameters,
    examples: [{ call: 'templatefile("greeting.tftpl", { name = "Jo" })', gives: '"Hello, Jo!"' }],
    resultType: ([path, variables]) => {
      if (path!.kind === 'unknown' || variables!.kind === 'unknown') return dynamicType;
      // A template of a single interpolation can give anything.
      return render(host, textOf(path), variables!, functions()).type;
    },
    call: ([path, variables]) => render(host, textOf(path), variables!, functions()),
  };
}

function render(
  host: FunctionHost,
  path: string,
  variables: Value,
  functions: ReadonlyMap<string, HclFunction>,
): Value {
  const { value: template, diagnostics } = parseTemplate(readText(host, path, 0), path);
  refuseErrors(diagnostics);
  checkVariables(template, path, variables);
  const result = template.evaluate({
    variables: entriesOf(variables),
    functions: new Map([...functions, ['templatefile', noRecursion]]),
  });
  refuseErrors(result.diagnostics);
  return result.value;
}

function checkVariables(template: Expression, path: string, variables: Value): void {
  const { kind } = variables.type;
  if (kind !== 'map' && kind !== 'object')
    throw new FunctionError('The variables must be a map or an object.', 1);
  const entries = entriesOf(variables);
  for (const name of entries.keys()) {
    if (!isIdentifier(name)) {
      throw new FunctionError(
        `"${name}" cannot be the name of a variable: it must be letters, digits, _ and -.`,
        1,
      );
    }
  }
  for (const { root, range } of template.variables()) {
    if (entries.has(root)) continue;
    throw new FunctionError(
      `The template ${path} uses the variable "${root}" (${rangeText(range)}), which is not given.`,
      1,
    );
  }
}

function refuseErrors(diagnostics: readonly Diagnostic[]): void {
  if (!hasErrors(diagnostics)) return;
  const { summary, detail, subject } = diagnostics.find(({ severity }) => severity === 'error')!;
  throw new FunctionError(`${rangeText(subject)}: ${summary}: ${detail}`, 0);
}

/** Takes the place of the function within a template. */
const noRecursion: HclFunction = {
  name: 'templatefile',
  description: 'Not to be used within a template that is rendered by itself.',
  parameters,
  examples: [],
  resultType: refuseRecursion,
  call: refuseRecursion,
};

function refuseRecursion(): never {
  throw new FunctionError('A template that templatefile renders cannot call templatefile itself.');
}
