import { type Envelope, signPayload, statementType } from '../signing/envelope.ts';
import type { SigningKey } from '../signing/signing-key.ts';

/** What is said about files: an in-toto statement, version 1 (in-toto/attestation, spec/v1). */
export interface Statement<Predicate = unknown> {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly ResourceDescriptor[];
  readonly predicateType: string;
  readonly predicate: Predicate;
}

/** A file or another thing, by name and digest. */
export interface ResourceDescriptor {
  readonly name?: string;
  readonly uri?: string;
  readonly digest?: Readonly<Record<string, string>>;
  readonly downloadLocation?: string;
  readonly mediaType?: string;
  readonly annotations?: Readonly<Record<string, unknown>>;
}

/** A file that a statement is about. */
export interface Subject {
  readonly name: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

export function statementOf<P>(
  subjects: readonly Subject[],
  predicateType: string,
  predicate: P,
): Statement<P> {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType,
    predicate,
  };
}

export function signStatement(statement: Statement, key: SigningKey): Envelope {
  return signPayload(statementType, Buffer.from(JSON.stringify(statement)), key);
}

/** The statement in an envelope; undefined when it has another kind of document. Says nothing of signatures. */
export function statementIn(envelope: Envelope): Statement | undefined {
  if (!/^application\/vnd\.in-toto(?:\.[\w-]+)?\+json$/.test(envelope.payloadType)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { _type, subject, predicateType } = value as Partial<Statement>;
  if (_type !== 'https://in-toto.io/Statement/v1' || typeof predicateType !== 'string') return undefined;
  const isSubject = (one: unknown) => typeof one === 'object' && one !== null;
  return Array.isArray(subject) && subject.every(isSubject) ? (value as Statement) : undefined;
}
