import type { AccessStep, BodyNode, ExpressionNode } from '../syntax/nodes.ts';
import { encodeJson } from '../values/json.ts';
import type { Value } from '../values/value.ts';

/** A syntax tree in one line, everything in parentheses: what tests compare. */
export function treeText(node: ExpressionNode): string {
  switch (node.kind) {
    case 'literal':
      return literal(node.value);
    case 'variable':
      return node.name;
    case 'key':
      return node.name === undefined ? `key(${treeText(node.expression)})` : `key:${node.name}`;
    case 'access':
      return `${treeText(node.base)}${node.steps.map(stepText).join('')}`;
    case 'call':
      return `${node.name}(${node.arguments.map(treeText).join(', ')}${node.expands ? '...' : ''})`;
    case 'conditional':
      return `(${treeText(node.condition)} ? ${treeText(node.consequence)} : ${treeText(node.alternative)})`;
    case 'unary':
      return `(${node.operator}${treeText(node.operand)})`;
    case 'binary':
      return `(${treeText(node.left)} ${node.operator} ${treeText(node.right)})`;
    case 'tuple':
      return `[${node.elements.map(treeText).join(', ')}]`;
    case 'object':
      return `{${node.items.map(({ key, value }) => `${treeText(key)} = ${treeText(value)}`).join(', ')}}`;
    case 'for': {
      const names = node.keyName === undefined ? node.valueName : `${node.keyName}, ${node.valueName}`;
      const result = node.key ? `${treeText(node.key)} => ${treeText(node.value)}` : treeText(node.value);
      const condition = node.condition ? ` if ${treeText(node.condition)}` : '';
      return `<for ${names} in ${treeText(node.collection)} : ${result}${node.groups ? '...' : ''}${condition}>`;
    }
    case 'template':
      return `T(${node.parts.map(treeText).join(' ')})`;
    case 'template-if':
      return `if(${treeText(node.condition)} ${treeText(node.consequence)} ${treeText(node.alternative)})`;
    case 'template-for': {
      const names = node.keyName === undefined ? node.valueName : `${node.keyName}, ${node.valueName}`;
      return `for(${names} in ${treeText(node.collection)} ${treeText(node.content)})`;
    }
    case 'unwrapped':
      return `wrap(${treeText(node.expression)})`;
    case 'parentheses':
      return `(${treeText(node.expression)})`;
    case 'invalid':
      return node.expression ? `invalid(${treeText(node.expression)})` : 'invalid';
  }
}

function literal(value: Value): string {
  return value.kind === 'unknown' ? 'unknown' : encodeJson(value);
}

function stepText(step: AccessStep): string {
  switch (step.kind) {
    case 'attribute':
      return `.${step.name}`;
    case 'index':
      return step.legacy ? `.${literal(step.key)}` : `[${literal(step.key)}]`;
    case 'computed-index':
      return `[${treeText(step.key)}]`;
    case 'attribute-splat':
      return '.*';
    case 'full-splat':
      return '[*]';
  }
}

/** A body as lines, indented: `name = tree` and `type "label" {`. */
export function bodyText(body: BodyNode, indent = ''): string[] {
  const items = [...body.attributes, ...body.blocks].sort((a, b) => a.start - b.start);
  return items.flatMap((item) => {
    if (item.kind === 'attribute') return [`${indent}${item.name} = ${treeText(item.expression)}`];
    const labels = item.labels.map(({ value }) => ` ${JSON.stringify(value)}`).join('');
    return [`${indent}${item.type}${labels} {`, ...bodyText(item.body, `${indent}  `), `${indent}}`];
  });
}
