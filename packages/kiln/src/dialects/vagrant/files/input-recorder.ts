import { type Aspect, observe } from './observe.ts';

/** Everything outside of itself that an evaluation looked at. */
export interface RecordedInputs {
  /** `[path, aspect, what was seen]` */
  readonly files: readonly (readonly [string, Aspect, string])[];
  /** Names of environment variables that were read; `*` when all of them were. */
  readonly variables: readonly string[];
  /** The words of the command line were, or may have been, read. */
  readonly words: boolean;
  /** Why the same inputs may give another result next time, such as that the time was read. */
  readonly unrepeatable: readonly string[];
}

/** Collects what an evaluation looks at. */
export class InputRecorder {
  readonly #files = new Map<string, [string, Aspect, string]>();
  readonly #variables = new Set<string>();
  readonly #unrepeatable = new Set<string>();
  #words = false;

  /** Only the first look counts: what comes later may be the evaluation's own doing. */
  sawFile(path: string, aspect: Aspect, seen: string = observe(path, aspect)): void {
    const key = `${aspect} ${path}`;
    if (!this.#files.has(key)) this.#files.set(key, [path, aspect, seen]);
  }

  sawVariables(names: readonly string[]): void {
    for (const name of names) this.#variables.add(name);
  }

  sawWords(): void {
    this.#words = true;
  }

  sawSomethingFleeting(what: string): void {
    this.#unrepeatable.add(what);
  }

  get inputs(): RecordedInputs {
    return {
      files: [...this.#files.values()],
      variables: [...this.#variables].sort(),
      words: this.#words,
      unrepeatable: [...this.#unrepeatable].sort(),
    };
  }
}
