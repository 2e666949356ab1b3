/** A text is not CSV. */
export class CsvError extends Error {
  /** From 1. */
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.name = 'CsvError';
    this.line = line;
  }
}

/**
 * The records of comma-separated values (https://www.rfc-editor.org/rfc/rfc4180), each with its fields. Empty lines
 * count for nothing; a carriage return before a line feed is left out, also within quotes.
 * @throws CsvError
 */
export function parseCsv(text: string): string[][] {
  const source = text.replace(/\r\n/g, '\n').replace(/\r$/, '');
  const records: string[][] = [];
  let at = 0;
  let line = 1;
  while (at < source.length) {
    if (source[at] === '\n') {
      at++;
      line++;
      continue;
    }
    const record: string[] = [];
    for (let more = true; more; ) {
      const field = source[at] === '"' ? quotedField(source, at, line) : plainField(source, at, line);
      record.push(field.value);
      line = field.line;
      more = source[field.end] === ',';
      at = field.end + 1;
    }
    line++;
    records.push(record);
  }
  return records;
}

interface Field {
  readonly value: string;
  /** Offset of the comma or line feed after it. */
  readonly end: number;
  readonly line: number;
}

const fieldEnd = /[,\n]|$/g;

function plainField(source: string, start: number, line: number): Field {
  fieldEnd.lastIndex = start;
  const end = fieldEnd.exec(source)!.index;
  const value = source.slice(start, end);
  if (value.includes('"')) throw new CsvError('a quotation mark in a field that is not quoted', line);
  return { value, end, line };
}

function quotedField(source: string, start: number, startLine: number): Field {
  let value = '';
  let line = startLine;
  for (let at = start + 1; ; ) {
    const quote = source.indexOf('"', at);
    if (quote < 0) throw new CsvError('a quotation mark is missing at the end of a field', startLine);
    const part = source.slice(at, quote);
    value += part;
    line += part.split('\n').length - 1;
    const next = source[quote + 1];
    if (next === undefined || next === ',' || next === '\n') return { value, end: quote + 1, line };
    if (next !== '"')
      throw new CsvError('after the closing quotation mark of a field there must be a comma', line);
    value += '"';
    at = quote + 2;
  }
}
