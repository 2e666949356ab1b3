import type { Read } from '../body.ts';
import type { Source } from '../diagnostics/source.ts';
import { suggestName } from '../diagnostics/suggestion.ts';
import { nestingLimit } from '../syntax/cursor.ts';
import { parseBigFloat } from '../values/big-float-text.ts';
import type { JsonNode, JsonProperty, JsonString } from './nodes.ts';
import { JsonReader } from './reader.ts';
import { decodeJsonText } from './string-text.ts';

/** Parses a JSON text (RFC 8259), going on after mistakes as far as it is clear what was meant. */
export function parseJson(source: Source): Read<JsonNode> {
  const reader = new JsonReader(source);
  const value = parseValue(reader, 1);
  if (!reader.failed && reader.next() !== '') {
    reader.fail(
      'Extraneous data after value',
      'A JSON text is one value; here is more after it.',
      reader.at,
      reader.at + 1,
    );
  }
  return { value, diagnostics: reader.diagnostics };
}

function parseValue(reader: JsonReader, depth: number): JsonNode {
  const character = reader.next();
  switch (character) {
    case '{':
      return parseContainer(reader, depth, '}');
    case '[':
      return parseContainer(reader, depth, ']');
    case '"':
    case "'":
    case '“':
      return parseString(reader);
    case '':
      reader.fail('Missing value', 'Here the JSON text ends, but a value is expected.', reader.at, reader.at);
      return invalid(reader);
    default:
      if (/[-+.0-9]/.test(character)) return parseNumber(reader);
      if (/[\p{L}_$]/u.test(character)) return parseWord(reader);
      reader.fail(
        'Invalid start of value',
        `A JSON value is an object, a list, a text in quotes, a number, true, false or null; it cannot start with "${character}".`,
        reader.at,
        reader.at + 1,
      );
      return invalid(reader);
  }
}

function invalid(reader: JsonReader, start = reader.at): JsonNode {
  return { kind: 'invalid', start, end: reader.at };
}

/** Parses an object or an array, which differ in little. */
function parseContainer(reader: JsonReader, depth: number, closer: '}' | ']'): JsonNode {
  const start = reader.at;
  if (depth > nestingLimit) {
    reader.fail(
      'Nested too deeply',
      `Nothing may be nested more than ${nestingLimit} levels deep.`,
      start,
      start + 1,
    );
    return invalid(reader);
  }
  reader.at++;
  const properties: JsonProperty[] = [];
  const elements: JsonNode[] = [];
  while (!reader.failed && !closes(reader, start, closer)) {
    if (closer === '}') {
      const property = parseProperty(reader, depth);
      if (property) properties.push(property);
    } else {
      elements.push(parseValue(reader, depth + 1));
    }
    if (!reader.failed) separate(reader, start, closer);
  }
  const end = reader.at;
  return closer === '}'
    ? { kind: 'object', start, end, properties }
    : { kind: 'array', start, end, elements };
}

/** Whether the container ends here; its closing bracket is taken. */
function closes(reader: JsonReader, start: number, closer: '}' | ']'): boolean {
  const character = reader.next();
  if (character === closer) {
    reader.at++;
    return true;
  }
  if (character === '') {
    failUnclosed(reader, start, closer);
  } else if (character === '}' || character === ']') {
    const what = closer === '}' ? 'An object is closed with a brace' : 'A list is closed with a bracket';
    reader.error(
      'Mismatched brackets',
      `${what}, "${closer}", not with "${character}".`,
      reader.at,
      reader.at + 1,
    );
    reader.at++;
    return true;
  }
  return false;
}

function failUnclosed(reader: JsonReader, start: number, closer: '}' | ']'): void {
  const what = closer === '}' ? 'object' : 'list';
  reader.fail(`Unclosed ${what}`, `This ${what} has no closing "${closer}".`, start, start + 1);
}

/** Takes the comma between items, if the container goes on. */
function separate(reader: JsonReader, start: number, closer: '}' | ']'): void {
  const character = reader.next();
  const what = closer === '}' ? 'properties' : 'elements';
  if (character === '') {
    failUnclosed(reader, start, closer);
  } else if (character === ',') {
    const comma = reader.at++;
    const after = reader.next();
    if (after === '}' || after === ']') {
      reader.error('Trailing comma', 'No comma may stand after the last item in JSON.', comma, comma + 1);
    }
  } else if (character !== '}' && character !== ']') {
    const detail = `A comma is expected between the ${what}, but here is "${character}".`;
    // Where another item starts, it is clear that only the comma is missing.
    if (/["'{[\p{L}\d-]/u.test(character)) {
      reader.error('Missing comma', detail, reader.at, reader.at + 1);
    } else if (character === ':' && closer === ']') {
      reader.fail(
        'Invalid array value',
        'The elements of a list have no names: a colon belongs to an object in braces.',
        reader.at,
        reader.at + 1,
      );
    } else {
      reader.fail('Missing comma', detail, reader.at, reader.at + 1);
    }
  }
}

function parseProperty(reader: JsonReader, depth: number): JsonProperty | undefined {
  const name = parseName(reader);
  if (!name) return undefined;
  const character = reader.next();
  const { at } = reader;
  if (character === ':') {
    reader.at++;
  } else if (character === '=') {
    reader.error(
      'Missing property value colon',
      'In JSON, a colon stands between a name and its value, not an equals sign.',
      at,
      at + 1,
    );
    reader.at++;
  } else {
    reader.fail(
      'Missing property value colon',
      `After the name "${name.value}" come a colon and a value.`,
      at,
      at + 1,
    );
    return undefined;
  }
  return { name, value: parseValue(reader, depth + 1) };
}

const bareName = /[\p{L}_$][\p{L}\p{N}_$-]*/uy;

function parseName(reader: JsonReader): JsonString | undefined {
  const character = reader.next();
  const start = reader.at;
  if (character === '"' || character === "'" || character === '“') return parseString(reader);
  const bare = reader.match(bareName);
  if (bare === undefined) {
    reader.fail(
      'Invalid object property name',
      'The names of properties are texts in double quotes.',
      start,
      start + 1,
    );
    return undefined;
  }
  reader.error(
    'Invalid object property name',
    `The names of properties stand in double quotes: "${bare}".`,
    start,
    reader.at,
  );
  return { kind: 'string', value: bare, start, end: reader.at };
}

function parseString(reader: JsonReader): JsonString {
  const start = reader.at;
  const { text } = reader;
  const opener = text[start]!;
  const closer = opener === '“' ? '”' : opener;
  let at = start + 1;
  while (at < text.length && text[at] !== closer && text.charCodeAt(at) >= 0x20)
    at += text[at] === '\\' ? 2 : 1;
  at = Math.min(at, text.length);
  const value = decodeJsonText(text, start + 1, at, ({ detail, start: from, end }) => {
    reader.error('Invalid JSON string', detail, from, end);
  });
  if (text[at] === closer) {
    reader.at = at + 1;
    if (opener !== '"') {
      reader.error(
        'Invalid JSON string',
        'Texts stand in straight double quotes (") in JSON.',
        start,
        reader.at,
      );
    }
  } else {
    reader.at = at;
    failInString(reader, start, at);
  }
  return { kind: 'string', value, start, end: reader.at };
}

function failInString(reader: JsonReader, start: number, at: number): void {
  const character = reader.text[at];
  if (character === undefined || character === '\n' || character === '\r') {
    reader.fail(
      'Unterminated JSON string',
      'The closing quote is missing. A text stands on one line; the end of a line inside of it is written \\n.',
      start,
      at,
    );
  } else {
    const written =
      character === '\t' ? '\\t' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    reader.fail(
      'Invalid JSON string',
      `A control character inside of a text is written as an escape: ${written}`,
      at,
      at + 1,
    );
  }
}

const numberLike = /[-+.0-9][-+.0-9a-zA-Z_]*/y;
const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$/;

function parseNumber(reader: JsonReader): JsonNode {
  const start = reader.at;
  const written = reader.match(numberLike)!;
  if (!number.test(written)) {
    reader.error('Invalid JSON number', numberHint(written), start, reader.at);
    return invalid(reader, start);
  }
  const value = parseBigFloat(written);
  if (typeof value !== 'string') return { kind: 'number', value, start, end: reader.at };
  reader.error('Invalid JSON number', 'This number is too large or too small.', start, reader.at);
  return invalid(reader, start);
}

function numberHint(written: string): string {
  if (/^[-+]?0[xXbBoO]/.test(written)) return 'Numbers are decimal in JSON.';
  if (/^-?0[0-9]/.test(written)) return 'A number cannot start with further zeros.';
  if (written.startsWith('+')) return 'A number cannot start with a plus sign.';
  if (/^-?\./.test(written) || /\.(?![0-9])/.test(written))
    return 'A number has digits on both sides of its point.';
  return `"${written}" is not a number.`;
}

const word = /[\p{L}_$][\p{L}\p{N}_$]*/uy;

function parseWord(reader: JsonReader): JsonNode {
  const start = reader.at;
  const written = reader.match(word)!;
  const end = reader.at;
  if (written === 'null') return { kind: 'null', start, end };
  if (written === 'true' || written === 'false')
    return { kind: 'bool', value: written === 'true', start, end };
  const suggestion = suggestName(written.toLowerCase(), ['true', 'false', 'null']) ?? written.toLowerCase();
  const meant = ['true', 'false', 'null'].includes(suggestion) ? ` Did you mean "${suggestion}"?` : '';
  reader.error(
    'Invalid JSON keyword',
    `"${written}" is no value in JSON.${meant} Texts stand in double quotes.`,
    start,
    end,
  );
  return invalid(reader, start);
}
