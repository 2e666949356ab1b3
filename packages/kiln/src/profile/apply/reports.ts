import type { ResourceReference } from '../compile/compiled-profile.ts';

export type Outcome = 'ok' | 'changed' | 'would-change' | 'failed' | 'skipped';

/** Something of a resource that is not, or was not, as it should be. */
export interface Difference {
  /** Such as `mode`. */
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

/** What became of one resource. */
export interface ResourceReport {
  readonly resource: ResourceReference;
  readonly outcome: Outcome;
  readonly differences: readonly Difference[];
  /** Why it failed or was skipped. */
  readonly message?: string;
  /** What was printed meanwhile, the last lines; only when it failed. */
  readonly output?: readonly string[];
  /** A check only: what a text file has in it that should have something else, when it is short and no secret. */
  readonly content?: Uint8Array;
}

/** What a script tells, line by line. */
export interface ReportHandlers {
  /** A resource is being looked at; `undefined` for the work on all packages. */
  readonly onBegin?: (resource: ResourceReference | undefined) => void;
  readonly onReport: (report: ResourceReport) => void;
  /** A line that is no report: what programs print. */
  readonly onOutput?: (line: string) => void;
}

const keptLines = 40;

/**
 * Reads what a compiled profile prints when it runs for Kiln: lines `@kiln TOKEN`, then words parted by tabs, between
 * those of the programs that it runs. Nobody else knows the token.
 *
 *     begin N · differs WHAT EXPECTED ACTUAL · content BASE64 · end N OUTCOME MESSAGE
 *     phase NAME · note TEXT · stopped REASON · done CODE
 */
export class ReportReader {
  readonly #marker: string;
  readonly #resources: readonly ResourceReference[];
  readonly #handlers: ReportHandlers;
  #differences: Difference[] = [];
  #content: Uint8Array | undefined;
  #output: string[] = [];
  #stopped: string | undefined;
  #done: number | undefined;

  constructor(token: string, resources: readonly ResourceReference[], handlers: ReportHandlers) {
    this.#marker = `@kiln ${token}\t`;
    this.#resources = resources;
    this.#handlers = handlers;
  }

  /** Why the script could not begin. */
  get stopped(): string | undefined {
    return this.#stopped;
  }

  /** Its exit code, by its own word; undefined when it did not come to its end. */
  get done(): number | undefined {
    return this.#done;
  }

  line(line: string): void {
    // What a program printed before it may have no line end.
    const at = line.indexOf(this.#marker);
    if (at < 0) {
      this.#print(line);
      return;
    }
    if (at > 0) this.#print(line.slice(0, at));
    const [kind, ...words] = line
      .slice(at + this.#marker.length)
      .split('\t')
      .map(plainWord);
    this.#take(kind, words);
  }

  #take(kind: string | undefined, words: readonly string[]): void {
    const [first = '', expected = '', actual = ''] = words;
    switch (kind) {
      case 'begin':
        this.#reset();
        this.#handlers.onBegin?.(this.#resources[Number(first) - 1]);
        break;
      case 'phase':
        this.#output = [];
        this.#handlers.onBegin?.(undefined);
        break;
      case 'differs':
        this.#differences.push({ what: first, expected, actual });
        break;
      case 'content':
        this.#content = Buffer.from(first, 'base64');
        break;
      case 'end':
        this.#end(words);
        break;
      case 'stopped':
        this.#stopped = first;
        break;
      case 'done':
        this.#done = Number(first);
        break;
      default:
        this.#print(words.join(' '));
    }
  }

  #end([number, outcome, message]: readonly string[]): void {
    const resource = this.#resources[Number(number) - 1];
    if (!resource) return;
    const failed = outcome === 'failed';
    this.#handlers.onReport({
      resource,
      outcome: outcome as Outcome,
      differences: this.#differences,
      ...(message ? { message } : {}),
      ...(failed && this.#output.length > 0 ? { output: this.#output } : {}),
      ...(this.#content ? { content: this.#content } : {}),
    });
    this.#reset();
  }

  #reset(): void {
    this.#differences = [];
    this.#content = undefined;
    this.#output = [];
  }

  #print(line: string): void {
    this.#output.push(line);
    if (this.#output.length > keptLines) this.#output.shift();
    this.#handlers.onOutput?.(line);
  }
}

function plainWord(word: string): string {
  const meanings: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' };
  return word.replace(/\\([ntr\\])/g, (_whole, letter: string) => meanings[letter]!);
}
