import {
  type Document,
  isDocument,
  type ParsedNode,
  parseAllDocuments,
  type Tags,
  type YAMLError,
} from 'yaml';
import type { SourceLocation } from '../errors.ts';
import type { Problems } from './problems.ts';
import { tooDeep } from './yaml-depth.ts';

/** A YAML file as a tree that knows where everything stands. */
export interface YamlDocument {
  readonly document: Document.Parsed<ParsedNode>;
  readonly root: ParsedNode;
  readonly text: string;
  /** Place of a character of the file. */
  locate(offset: number): SourceLocation;
}

/** What people are told about a kind of file. */
export interface YamlKind {
  /** How the file is called in messages: `kiln.yaml`. */
  readonly name: string;
  /** What to do about an empty file. */
  readonly whenEmpty: string;
  /** What to do about a file that is no text. */
  readonly whenBinary: string;
  /** `!reset` has a meaning in this kind of file; where exactly, its shapes say. */
  readonly knowsReset?: boolean;
}

/** Larger files are refused: nobody writes them by hand, and reading one would stall. In characters. */
const largestFile = 4_000_000;
/** Deepest nesting. The format needs about ten levels; more than this is a mistake or an attack. */
const depthLimit = 100;
/** One mistake of syntax brings others behind it; more than these few help nobody. */
const mostSyntaxErrors = 3;

/** Reads the text of one YAML document. Undefined when nothing can be made of it; `problems` says why. */
export function parseYaml(
  file: string,
  text: string,
  kind: YamlKind,
  problems: Problems,
): YamlDocument | undefined {
  // The parser's own counter counts some lines twice where it has met a mistake.
  const locate = placesIn(file, text);
  const start: SourceLocation = { file, line: 1, column: 1 };
  if (text.length > largestFile) {
    problems.error(start, 'the file is larger than 4 MB');
    return undefined;
  }
  const zero = text.indexOf('\0');
  if (zero >= 0) {
    problems.error(start, 'the file is not text', kind.whenBinary);
    return undefined;
  }
  const deep = tooDeep(text, depthLimit);
  if (deep !== undefined) {
    problems.error(locate(deep), `the file is nested more than ${depthLimit} levels deep`);
    return undefined;
  }
  const documents = withoutStacks(() =>
    parseAllDocuments(text, {
      prettyErrors: false,
      uniqueKeys: false, // Kiln's own check says where the first one stands.
      merge: true,
      stringKeys: false,
      ...(kind.knowsReset && { customTags: resetTags }),
    }),
  );
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (!document || !isDocument(document) || document.contents === null) {
    problems.error(start, 'the file is empty', kind.whenEmpty);
    return undefined;
  }
  if (document.errors.length > 0) {
    reportSyntax(document.errors, locate, problems);
    return undefined;
  }
  for (const warning of document.warnings) {
    problems.error(
      locate(warning.pos[0]),
      `${lowerFirst(warning.message)}`,
      `${kind.name} needs no tags or directives`,
    );
  }
  if (second) {
    problems.error(
      locate(second.range[0]),
      'the file has more than one YAML document',
      'put everything into one; a line "---" starts another document',
    );
    return undefined;
  }
  return { document, root: document.contents, text, locate };
}

/** Lets `!reset` stand before every kind of value; `ShapeReader` says where it may not. */
const resetTags: Tags = [
  { tag: '!reset', resolve: (text: string) => text },
  { tag: '!reset', collection: 'map' },
  { tag: '!reset', collection: 'seq' },
];

/** The parser makes an error of every mistake, and a damaged text has so many that recording their stacks takes long. */
function withoutStacks<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function placesIn(file: string, text: string): (offset: number) => SourceLocation {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const inside = Math.max(0, Math.min(offset, text.length));
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= inside) low = middle;
      else high = middle - 1;
    }
    return { file, line: low + 1, column: inside - starts[low]! + 1 };
  };
}

function reportSyntax(
  errors: readonly YAMLError[],
  locate: (offset: number) => SourceLocation,
  problems: Problems,
): void {
  const lines = new Set<number>();
  for (const error of errors) {
    const at = locate(error.pos[0]);
    if (lines.has(at.line)) continue;
    lines.add(at.line);
    if (error.code === 'RESOURCE_EXHAUSTION') {
      problems.error(at, 'the file is nested too deeply');
      return;
    }
    const { message, hint } = syntaxMessages[error.code] ?? { message: lowerFirst(error.message) };
    problems.error(at, message, hint);
    if (lines.size === mostSyntaxErrors) return;
  }
}

const syntaxMessages: Partial<Record<YAMLError['code'], { message: string; hint?: string }>> = {
  TAB_AS_INDENT: { message: 'a tab is used to indent', hint: 'YAML wants spaces' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second ": " in one line',
    hint: 'put quotes around a value that has ": " in it, and check the indentation',
  },
  MULTILINE_IMPLICIT_KEY: { message: 'this line should be "name: value"', hint: 'check the indentation' },
};

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
