import type { Body, Expression } from '../body.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { expandDynamic } from '../dynamic/expand.ts';
import { bodyVariables } from '../dynamic/variables.ts';
import { corpus } from '../format/testing/corpus.ts';
import { mutated } from '../format/testing/mutate.ts';
import { randomDocument } from '../format/testing/random-document.ts';
import { parseJsonConfig, parseJsonExpression } from '../json/parse.ts';
import { parseConfig, parseExpression, parseTemplate, tokens } from '../native/parse.ts';
import { renderDiagnostics } from '../native/render.ts';
import { childrenOf, walk } from '../syntax/walk.ts';
import { localsContext } from './evaluate.ts';
import { expressionCases, invalidExpressions, localsTemplate } from './expressions.ts';
import { Random } from './random.ts';

export interface SyntaxFault {
  readonly seed: number;
  readonly text: string;
  readonly fault: string;
}

const jsonTexts = [
  '{"a": "${local.name}", "b": [1, 2.5e3, true, null, "x"], "c": {"d": {"e": "%{ if true }f%{ endif }"}}}',
  '[{"x": {"l": [{"a": 1}, {"a": "\\u00e9\\n${local.list[0]}"}]}, "//": "c"}, {"dynamic": {"y": {"for_each": ["a"], "content": {"v": "${y.value}"}}}}]',
];

const dynamicText = `dynamic "x" {
  for_each = local.list
  iterator = it
  labels   = [it.value, "b"]
  content {
    v = "\${it.key}-\${it.value}"
    dynamic "y" {
      for_each = local.map
      content { w = [it.key, y.value] }
    }
  }
}
`;

const expressions = [
  ...Object.values(expressionCases).flatMap((cases) => cases.map(([text]) => text)),
  ...invalidExpressions,
];

/** Texts of all kinds, mostly broken; the same for the same seed. */
export function fuzzedText(seed: number): string {
  const random = new Random(seed);
  const whole = [
    () => random.pick(corpus()).input,
    () => randomDocument(seed),
    () => random.pick(expressions),
    () => `a = ${random.pick(expressions)}\nb {\n  c = ${random.pick(expressions)}\n}\n`,
    () => localsTemplate,
    () => random.pick(jsonTexts),
    () => dynamicText,
  ];
  const text = random.pick(whole)();
  if (random.below(3) === 0) return text.slice(0, random.below(text.length + 1));
  return random.below(2) === 0 ? mutated(text, random) : shuffled(text, random);
}

/** The text with tokens dropped, doubled, swapped or replaced by those of another. */
function shuffled(text: string, random: Random): string {
  const pieces = tokens(text, 'f').map((token) => token.text);
  const others = tokens(random.pick(expressions), 'f').map((token) => token.text);
  for (let count = 1 + random.below(5); count > 0 && pieces.length > 0; count--) {
    const at = random.below(pieces.length);
    const other = random.below(pieces.length);
    switch (random.below(4)) {
      case 0:
        pieces.splice(at, 1 + random.below(3));
        break;
      case 1:
        pieces.splice(at, 0, pieces[other]!);
        break;
      case 2:
        [pieces[at], pieces[other]] = [pieces[other]!, pieces[at]!];
        break;
      default:
        pieces.splice(at, random.below(2), ...others.slice(0, 1 + random.below(4)));
    }
  }
  return pieces.join('');
}

/**
 * Feeds broken texts to everything that reads and evaluates, and collects what must not be: thrown errors, lost
 * characters, places outside of the text, trees whose nodes do not lie inside of each other. `onCase` is called with
 * each text before it is read, so that one that never ends can be told.
 */
export function fuzzSyntax(
  options: { readonly from: number; readonly cases: number },
  onCase: (seed: number) => void = () => {},
): readonly SyntaxFault[] {
  const faults: SyntaxFault[] = [];
  for (let seed = options.from; seed < options.from + options.cases; seed++) {
    onCase(seed);
    const text = fuzzedText(seed);
    try {
      examine(text);
    } catch (error) {
      const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
      faults.push({ seed, text, fault });
    }
  }
  return faults;
}

const context = localsContext();

/** @throws Error for what must not be */
function examine(text: string): void {
  const diagnostics: Diagnostic[] = [];
  for (const start of ['expression', 'template'] as const) {
    const rebuilt = tokens(text, 'f', start).map((token) => token.text);
    if (rebuilt.join('') !== text) throw new Error(`the tokens of the ${start} are another text`);
  }
  const config = parseConfig(text, 'f.hcl');
  diagnostics.push(...config.diagnostics);
  checkTree(config.value.node, text);
  useBody(config.value, diagnostics);
  const native = [parseExpression(text, 'f'), parseTemplate(text, 'f')];
  for (const { value, diagnostics: mistakes } of native) {
    diagnostics.push(...mistakes);
    checkTree(value.node, text);
    useExpression(value, diagnostics);
  }
  const json = parseJsonConfig(text, 'f.json');
  diagnostics.push(...json.diagnostics);
  useBody(json.value, diagnostics);
  useExpression(parseJsonExpression(text, 'f.json').value, diagnostics);
  for (const diagnostic of diagnostics) checkPlace(diagnostic, text);
  renderDiagnostics(diagnostics.slice(0, 20));
}

function useBody(body: Body, diagnostics: Diagnostic[]): void {
  bodyVariables(body);
  const schema = {
    attributes: [{ name: 'a' }, { name: 'name', required: true }],
    blocks: [{ type: 'b' }, { type: 'x', labels: ['one', 'two'] }, { type: 'locals' }],
  };
  for (const one of [body, expandDynamic(body, context)]) {
    diagnostics.push(...one.content(schema).diagnostics);
    diagnostics.push(...one.partialContent(schema).rest.content(schema).diagnostics);
    diagnostics.push(...one.justAttributes().diagnostics);
  }
  const { attributes, blocks } = expandDynamic(body, context).everything();
  for (const { expression, range, nameRange } of attributes.values()) {
    if (range.start.offset > nameRange.start.offset) throw new Error('an argument starts after its name');
    useExpression(expression, diagnostics);
  }
  for (const block of blocks) useBody(block.body, diagnostics);
}

function useExpression(expression: Expression, diagnostics: Diagnostic[]): void {
  diagnostics.push(...expression.evaluate(context).diagnostics, ...expression.evaluate().diagnostics);
  diagnostics.push(...expression.asType().diagnostics);
  expression.variables();
  expression.asTraversal();
  expression.asKeyword();
  for (const part of [...(expression.asList() ?? []), ...(expression.asTemplate() ?? [])]) part.variables();
  for (const { key, value } of expression.asMap() ?? []) {
    key.evaluate(context);
    value.variables();
  }
  expression.asCall();
}

function checkTree(root: Parameters<typeof walk>[0], text: string): void {
  walk(root, (node) => {
    if (node.start < 0 || node.end > text.length || node.start > node.end) {
      throw new Error(`${node.kind} from ${node.start} to ${node.end} is no part of the text`);
    }
    for (const child of childrenOf(node)) {
      if (child.start < node.start) throw new Error(`${child.kind} starts before the ${node.kind} around it`);
    }
    return true;
  });
}

function checkPlace({ subject, summary, detail }: Diagnostic, text: string): void {
  const { start, end } = subject;
  if (start.offset < 0 || end.offset > text.length || start.offset > end.offset) {
    throw new Error(`"${summary}" points from ${start.offset} to ${end.offset}, outside of the text`);
  }
  if (start.line < 1 || start.column < 1 || end.line < start.line)
    throw new Error(`"${summary}" points nowhere`);
  if (summary === '' || detail === '' || /undefined|\[object|NaN/.test(summary))
    throw new Error(`"${summary}" says nothing`);
}
