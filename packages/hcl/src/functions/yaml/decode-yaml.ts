import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseAllDocuments,
  Scalar,
} from 'yaml';
import { ConversionError, convert } from '../../values/convert.ts';
import { stringType } from '../../values/type.ts';
import { objectValue, tupleValue, type Value } from '../../values/value.ts';
import { entriesOf } from '../support/entries.ts';
import { resolveScalar, YamlDecodeError, yamlTag } from './resolve-scalar.ts';

export { YamlDecodeError } from './resolve-scalar.ts';

const maxDepth = 500;
/** Counting what aliases stand for each time: a few lines of them can stand for billions. */
const maxNodes = 1_000_000;

/**
 * The value of a YAML text of one document: sequences become tuples, mappings objects.
 * @throws YamlDecodeError with the line
 */
export function decodeYaml(text: string): Value {
  const lines = new LineCounter();
  const documents = parsed(text, lines);
  const [document, second] = 'empty' in documents ? [] : documents;
  if (!document || (document.contents as unknown) === null) {
    throw new YamlDecodeError('There is no YAML document in the text.');
  }
  const [problem] = document.errors;
  if (problem?.code === 'RESOURCE_EXHAUSTION') throw tooDeep();
  if (problem) throw atLine(lines, problem.pos[0], problem.message.split('\n')[0]!.replace(/\.$/, ''));
  if (second) throw atLine(lines, second.range?.[0], 'only one document is allowed');
  return new Decoder(text, lines).decode(document.contents, 0).value;
}

function parsed(text: string, lines: LineCounter): ReturnType<typeof parseAllDocuments> {
  try {
    return parseAllDocuments(text, {
      // Scalars stay as they are written; what they mean is decided here.
      schema: 'failsafe',
      resolveKnownTags: false,
      uniqueKeys: false,
      merge: false,
      prettyErrors: false,
      logLevel: 'silent',
      lineCounter: lines,
    });
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep();
    throw error;
  }
}

/** The parser calls itself for each level, and gives up when there are too many. */
function tooDeep(): YamlDecodeError {
  return new YamlDecodeError(`The YAML is nested more than ${maxDepth} deep.`);
}

function atLine(lines: LineCounter, offset: number | undefined, problem: string): YamlDecodeError {
  const { line } = lines.linePos(offset ?? 0);
  return new YamlDecodeError(`Line ${Math.max(line, 1)} of the YAML: ${problem}.`);
}

/** A value, and how many nodes it is made of. */
interface Decoded {
  readonly value: Value;
  readonly nodes: number;
}

class Decoder {
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, Decoded>();
  readonly #pending = new Set<string>();

  constructor(text: string, lines: LineCounter) {
    this.#text = text;
    this.#lines = lines;
  }

  decode(node: unknown, depth: number): Decoded {
    if (depth > maxDepth) throw this.#error(node, `it is nested more than ${maxDepth} deep`);
    if (isAlias(node)) return this.#alias(node);
    const anchor = (node as { readonly anchor?: string } | null)?.anchor;
    if (anchor !== undefined) this.#pending.add(anchor);
    const decoded = this.#content(node, depth);
    if (decoded.nodes > maxNodes) throw this.#error(node, `it stands for more than ${maxNodes} values`);
    if (anchor !== undefined) {
      this.#pending.delete(anchor);
      this.#anchors.set(anchor, decoded);
    }
    return decoded;
  }

  #content(node: unknown, depth: number): Decoded {
    if (isSeq(node)) {
      this.#checkTag(node, 'seq');
      const items = node.items.map((item) => this.decode(item, depth + 1));
      return { value: tupleValue(items.map(({ value }) => value)), nodes: count(items) };
    }
    if (isMap(node)) {
      this.#checkTag(node, 'map');
      return this.#mapping(node.items, depth);
    }
    return { value: this.#scalar(node), nodes: 1 };
  }

  #mapping(pairs: readonly Pair[], depth: number): Decoded {
    const entries = new Map<string, Value>();
    let nodes = 1;
    for (const { key, value } of pairs) {
      const content = this.decode(value, depth + 1);
      nodes += content.nodes;
      if (isMergeKey(key)) {
        if (content.value.kind !== 'object') throw this.#error(key, 'only a mapping can be merged by "<<"');
        // What comes later counts, be it merged or written.
        for (const [name, item] of entriesOf(content.value)) entries.set(name, item);
      } else {
        entries.set(this.#key(key), content.value);
      }
    }
    return { value: objectValue(entries), nodes };
  }

  #key(node: unknown): string {
    if (!isScalar(node) && node !== null) throw this.#error(node, 'the key of a mapping must be a text');
    const key = this.#scalar(node);
    try {
      const text = convert(key, stringType);
      if (text.kind === 'string') return text.value;
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
    }
    throw this.#error(node, 'the key of a mapping must not be null');
  }

  #scalar(node: unknown): Value {
    if (!isScalar(node)) return resolveScalar('', undefined, false);
    const isQuoted = node.type !== undefined && node.type !== Scalar.PLAIN;
    try {
      return resolveScalar(this.#sourceOf(node), node.tag, isQuoted);
    } catch (error) {
      if (!(error instanceof YamlDecodeError)) throw error;
      throw this.#error(node, error.message);
    }
  }

  #sourceOf(node: Scalar): string {
    const source = node.source ?? String(node.value ?? '');
    const isBlock = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
    // The parser completes the last line of the text; YAML 1.1 takes it as it is.
    const isCompleted = isBlock && node.range?.[1] === this.#text.length && !this.#text.endsWith('\n');
    return isCompleted && source.endsWith('\n') ? source.slice(0, -1) : source;
  }

  #alias(node: Alias): Decoded {
    if (this.#pending.has(node.source)) {
      throw this.#error(node, `the anchor "${node.source}" is used within what it stands for`);
    }
    const target = this.#anchors.get(node.source);
    if (!target) throw this.#error(node, `there is no anchor "${node.source}" before this`);
    return target;
  }

  #checkTag(node: { readonly tag?: string | undefined }, wanted: string): void {
    if (node.tag !== undefined && node.tag !== yamlTag + wanted) {
      throw this.#error(node, `the tag ${node.tag} is not supported`);
    }
  }

  #error(node: unknown, problem: string): YamlDecodeError {
    return atLine(this.#lines, (node as { readonly range?: readonly number[] } | null)?.range?.[0], problem);
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && key.tag === undefined && key.source === '<<';
}

function count(items: readonly Decoded[]): number {
  return items.reduce((sum, { nodes }) => sum + nodes, 1);
}
