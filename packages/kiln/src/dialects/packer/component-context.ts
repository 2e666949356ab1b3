import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { KilnError, type SourceLocation } from '../../base/errors.ts';
import type { LateExpression, Text } from '../../plan/text.ts';
import { type CompiledText, compileNow, compileText, type LateData } from '../../text/compile-text.ts';
import type { TextScope } from '../../text/template-functions.ts';
import type { Problems } from './problems.ts';
import { type ValueTyping, weakTyping } from './value-typing.ts';

/** What the readers of builders, provisioners and post-processors work with: one build's view of the template. */
export class ComponentContext {
  readonly problems: Problems;
  readonly text: TextScope;
  /** Folder that relative paths refer to: the working folder of the command, as with Packer. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The name that scripts and texts see. */
  readonly buildName: string;
  readonly typing: ValueTyping;

  constructor(options: {
    readonly problems: Problems;
    readonly text: TextScope;
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly buildName: string;
    readonly typing?: ValueTyping;
  }) {
    this.problems = options.problems;
    this.text = options.text;
    this.cwd = options.cwd;
    this.env = options.env;
    this.buildName = options.buildName;
    this.typing = options.typing ?? weakTyping;
  }

  /** Renders what must be known now. A mistake is reported and gives undefined. */
  render(source: string, at: SourceLocation): string | undefined {
    return this.#compile(at, () => compileNow(source, this.text));
  }

  /** Renders what can be rendered now; the rest waits for the build to run. */
  compile(
    source: string,
    at: SourceLocation,
    late: LateData,
    expressions?: readonly LateExpression[],
  ): Text | undefined {
    return this.#compile(at, () => compileText(source, this.text, late, expressions));
  }

  /** Absolute path; `~/` is the home folder of who runs Kiln. */
  path(path: string): string {
    const expanded = path.startsWith('~/') && this.env.HOME ? `${this.env.HOME}${path.slice(1)}` : path;
    const absolute = resolve(this.cwd, expanded);
    return path.endsWith('/') && !absolute.endsWith('/') ? `${absolute}/` : absolute;
  }

  /** Says so when a file that the template needs is not there. */
  mustExist(path: string, what: string, at: SourceLocation): void {
    const absolute = this.path(path);
    if (existsSync(absolute)) return;
    const hint = path === absolute ? undefined : `relative paths start in ${this.cwd}`;
    this.problems.error(at, `the ${what} ${path} does not exist`, hint);
  }

  #compile<T extends Text>(at: SourceLocation, work: () => CompiledText<T>): T | undefined {
    try {
      const { text, warnings } = work();
      for (const { message, hint } of warnings) this.problems.warn(at, message, hint);
      return text;
    } catch (error) {
      if (!(error instanceof KilnError)) throw error;
      this.problems.thrown(at, error);
      return undefined;
    }
  }
}
