import type { Command, Operand, Pipeline, Statement, Template } from './nodes.ts';

/** What a template asks for, so that callers can see before it runs whether they can give it. */
export interface TemplateUses {
  readonly calls: readonly FunctionUse[];
  readonly fields: readonly FieldUse[];
}

export interface FunctionUse {
  readonly name: string;
  readonly offset: number;
  /** Arguments that are string literals, by position; undefined where an argument is anything else. */
  readonly literals: readonly (string | undefined)[];
}

export interface FieldUse {
  readonly path: readonly string[];
  readonly offset: number;
  /** The field is surely one of the data; false inside `with`, `range` and definitions, where the dot differs. */
  readonly ofData: boolean;
}

export function usesOf(template: Template): TemplateUses {
  const walker = new Walker();
  walker.statements(template.body, true);
  for (const body of template.definitions.values()) walker.statements(body, false);
  return { calls: walker.calls, fields: walker.fields };
}

class Walker {
  readonly calls: FunctionUse[] = [];
  readonly fields: FieldUse[] = [];

  statements(statements: readonly Statement[], ofData: boolean): void {
    for (const statement of statements) {
      switch (statement.kind) {
        case 'action':
          this.pipeline(statement.pipeline, ofData);
          break;
        case 'if':
        case 'with':
        case 'range':
          this.pipeline(statement.pipeline, ofData);
          this.statements(statement.body, ofData && statement.kind === 'if');
          this.statements(statement.otherwise ?? [], ofData);
          break;
        case 'template':
          if (statement.pipeline) this.pipeline(statement.pipeline, ofData);
          break;
        default:
          break;
      }
    }
  }

  pipeline(pipeline: Pipeline, ofData: boolean): void {
    for (const command of pipeline.commands) this.command(command, ofData);
  }

  command(command: Command, ofData: boolean): void {
    const [first, ...rest] = command.operands;
    if (first?.kind === 'function') {
      const literals = rest.map((operand) => (operand.kind === 'string' ? operand.value : undefined));
      this.calls.push({ name: first.name, offset: first.offset, literals });
    } else if (first) this.operand(first, ofData);
    for (const operand of rest) this.operand(operand, ofData);
  }

  operand(operand: Operand, ofData: boolean): void {
    switch (operand.kind) {
      case 'function':
        this.calls.push({ name: operand.name, offset: operand.offset, literals: [] });
        break;
      case 'field':
        this.fields.push({ path: operand.path, offset: operand.offset, ofData });
        break;
      case 'variable':
        if (operand.name === '$' && operand.path.length > 0) {
          this.fields.push({ path: operand.path, offset: operand.offset, ofData });
        }
        break;
      case 'chain':
        this.operand(operand.of, ofData);
        break;
      case 'pipeline':
        this.pipeline(operand.pipeline, ofData);
        break;
      default:
        break;
    }
  }
}
