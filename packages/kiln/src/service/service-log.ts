import { pino } from 'pino';
import { tokenPattern } from './access/tokens.ts';
import type { ServiceLog } from './service-context.ts';

/** The log of a service or worker: a JSON a line on standard error, never with a token in it. */
export function openServiceLog(level: 'info' | 'warn' | 'error' = 'info'): ServiceLog {
  const log = pino(
    { level, base: null, messageKey: 'text', timestamp: () => `,"at":"${new Date().toISOString()}"` },
    { write: (line: string) => void process.stderr.write(withoutTokens(line)) },
  );
  return {
    info: (fields, text) => log.info(fields, text),
    warn: (fields, text) => log.warn(fields, text),
    error: (fields, text) => log.error(fields, text),
  };
}

/** A text in which no token can be read: ours, and those of issuers. */
export function withoutTokens(text: string): string {
  return text
    .replace(tokenPattern, 'kiln_…')
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, 'eyJ…')
    .replace(/\b(postgres(?:ql)?:\/\/[^:@/\s]*):[^@\s]*@/g, '$1:…@');
}
