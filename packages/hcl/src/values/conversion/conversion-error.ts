import { describePath, type Path, type PathStep } from '../path.ts';

/** A value cannot become a value of the wanted type. The message says where in the value, and what is wanted there. */
export class ConversionError extends Error {
  /** What is wrong at the place that `path` leads to. */
  readonly reason: string;
  /** From the value that was to be converted. */
  readonly path: Path;

  constructor(reason: string, path: Path = []) {
    super(path.length === 0 ? reason : `${describePath(path)}: ${reason}`);
    this.name = 'ConversionError';
    this.reason = reason;
    this.path = path;
  }
}

/** Does what may fail inside of a value, and says in the error where that was. */
export function within<T>(step: PathStep, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new ConversionError(error.reason, [step, ...error.path]);
  }
}
