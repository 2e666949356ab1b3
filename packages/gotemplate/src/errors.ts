/** A place in a template's source. `offset` counts UTF-16 code units from 0; line and column count from 1. */
export interface TemplatePosition {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** One mistake in a template's source. */
export interface TemplateDiagnostic extends TemplatePosition {
  readonly message: string;
}

/** Whatever goes wrong while a template is executed. The only thing this package throws. */
export class GoTemplateError extends Error {
  readonly position: TemplatePosition;

  constructor(message: string, position: TemplatePosition, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'GoTemplateError';
    this.position = position;
  }
}

export function positionAt(source: string, offset: number): TemplatePosition {
  let line = 1;
  let start = 0;
  for (let at = source.indexOf('\n'); at !== -1 && at < offset; at = source.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { offset, line, column: offset - start + 1 };
}

/** Carries a mistake from deep inside the reader or the evaluator to the place that knows the source. */
export class Failure extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}
