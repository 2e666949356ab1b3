import type { RawPlace } from '../ruby/messages.ts';
import type { RawError } from '../ruby/raw-result.ts';
import type { MachineProblems } from './machine-problems.ts';

/** Says what stopped an evaluation, where the writer of the file can do something about it. */
export function explainError(error: RawError, problems: MachineProblems, hint?: string): void {
  const place = error.trace[0];
  switch (error.kind) {
    case 'syntax':
      for (const [at, message] of syntaxMistakes(error)) problems.error(at, message);
      return;
    case 'exit': {
      const words = error.message === 'exit' ? '' : `: ${firstLine(error.message)}`;
      problems.error(place, `the file stopped with exit code ${error.status ?? 1}${words}`, hint);
      return;
    }
    case 'refused':
    case 'vagrant':
      problems.error(place, error.message, hint);
      return;
    case 'exception':
      problems.error(place, `${plainMessage(error)}${calledFrom(error.trace)}`, hint ?? hintFor(error));
  }
}

/** Ruby's message without what it says about its own inside. */
function plainMessage({ class: name, message }: RawError): string {
  const text = firstLine(message)
    .replace(/ for (?:main(?::Object)?|(?:an instance of )?#<[^>]*>)$/, '')
    .replace(/ @ rb_\w+/, '');
  return name === 'RuntimeError' ? text : `${text} (${name})`;
}

function firstLine(text: string): string {
  return text.split('\n')[0]!.trim();
}

/** Where the file that failed was being used, when that is another line. */
function calledFrom(trace: readonly RawPlace[]): string {
  const [first, ...rest] = trace;
  const outer = rest.find(([file]) => file !== first![0]);
  return outer === undefined ? '' : `, called at ${outer[0]}:${outer[1]}`;
}

function hintFor(error: RawError): string | undefined {
  if (error.class === 'LoadError') {
    const missing = /cannot load such file -- (\S+)/.exec(error.message)?.[1];
    return missing === undefined ? undefined : `Kiln has Ruby's own library; the gem ${missing} is not there`;
  }
  if (error.class === 'NoMemoryError') return 'an evaluation may use half a gibibyte of memory';
  if (error.class === 'Errno::EACCES') return 'see the warnings for what is out of reach';
  return undefined;
}

/**
 * Ruby shows the lines around every mistake and marks them:
 *
 *     > 3 |   foo(
 *         |       ^ unexpected end-of-input; expected a `)` to close the arguments
 */
function syntaxMistakes({ message, path, trace }: RawError): [RawPlace | undefined, string][] {
  const found: [RawPlace | undefined, string][] = [];
  let line: number | undefined;
  for (const text of message.split('\n')) {
    const marked = /^>?\s*(\d+) \|/.exec(text);
    if (marked !== null) line = Number(marked[1]);
    const mistake = /^\s+\|\s*\^+~*\s+(.+)$/.exec(text)?.[1];
    if (mistake !== undefined && line !== undefined && path !== null) found.push([[path, line], mistake]);
  }
  if (found.length > 0) return found;
  const plain = /^(.+?):(\d+): (.+)$/m.exec(message);
  if (plain !== null) return [[[plain[1]!, Number(plain[2])], plain[3]!]];
  return [[path === null ? trace[0] : [path, 1], firstLine(message)]];
}
