import { parseBundle } from '../provenance/bundle.ts';
import { type Provenance, provenanceType } from '../provenance/provenance-statement.ts';
import { type Reference, referenceType } from '../provenance/sbom-reference.ts';
import { type Statement, statementIn } from '../provenance/statement.ts';
import { type Envelope, signerOf } from '../signing/envelope.ts';
import type { TrustedKey } from '../signing/trusted-keys.ts';
import { bad, type Check, type CheckName, good, note } from './check.ts';

/** What the statements about one file are checked against. */
export interface AttestedFile {
  /** Hex SHA-256. */
  readonly sha256: string;
  /** Text of the bundle; undefined when there is none. */
  readonly bundle: string | undefined;
  readonly trusted: readonly TrustedKey[];
  /** Somebody gave the key: without a signature of it nothing is good. */
  readonly mustBeSigned: boolean;
}

/** Statements that hold, and what was found out on the way. */
export interface Attested {
  readonly checks: readonly Check[];
  readonly provenance?: Provenance;
  /** Digests of documents that a trusted key has bound to the file. */
  readonly documents: ReadonlySet<string>;
}

/** Reads a bundle: which statements about the file a trusted key has signed. */
export function checkAttestations(file: AttestedFile): Attested {
  const { bundle, mustBeSigned } = file;
  if (bundle === undefined) {
    const say = mustBeSigned ? bad : note;
    return {
      checks: [say('provenance', 'nobody has signed it: it has no statement of how it was made')],
      documents: new Set(),
    };
  }
  const about = parseBundle(bundle).flatMap((envelope) => {
    const statement = statementIn(envelope);
    return statement ? [{ envelope, statement }] : [];
  });
  const provenance = holding(file, about, provenanceType, 'provenance');
  const reference = holding(file, about, referenceType, 'sbom');
  const references = (reference.statement as Statement<Reference> | undefined)?.predicate.references ?? [];
  return {
    checks: [...provenance.checks, ...reference.checks],
    ...(provenance.statement && { provenance: provenance.statement.predicate as Provenance }),
    documents: new Set(references.flatMap(({ digest }) => digest?.['sha256'] ?? [])),
  };
}

interface Signed {
  readonly envelope: Envelope;
  readonly statement: Statement;
}

/** The first statement of a kind that holds; when there is one of this kind and none holds, why. */
function holding(
  { sha256, trusted, mustBeSigned }: AttestedFile,
  about: readonly Signed[],
  predicateType: string,
  name: CheckName,
): { readonly checks: readonly Check[]; readonly statement?: Statement } {
  const what = name === 'provenance' ? 'the statement of how it was made' : 'the statement of its contents';
  const ofKind = about.filter(({ statement }) => statement.predicateType === predicateType);
  if (ofKind.length === 0) {
    // Contents are told on demand; how something was made is told when it is made, or never.
    if (name === 'sbom') return { checks: [] };
    return { checks: [(mustBeSigned ? bad : note)(name, 'there is no statement of how it was made')] };
  }
  const faults: Check[] = [];
  for (const { envelope, statement } of ofKind) {
    const signer = signerOf(
      envelope,
      trusted.map(({ key }) => key),
    );
    if (!signer) {
      faults.push(unsigned(envelope, trusted, what, name));
      continue;
    }
    if (!statement.subject.some(({ digest }) => digest?.['sha256'] === sha256)) {
      const digest = `sha256:${sha256.slice(0, 12)}`;
      faults.push(
        bad(
          name,
          `${what} is signed, but not about this content (${digest})`,
          'do not use it; get it again from where it came',
        ),
      );
      continue;
    }
    const { name: who } = trusted.find(({ key }) => key.id === signer.id)!;
    const text = `${what} is signed by the key ${shortKey(signer.id)} (${who})`;
    return { checks: name === 'provenance' ? [good(name, text)] : [], statement };
  }
  return { checks: faults.slice(0, 1) };
}

function unsigned(envelope: Envelope, trusted: readonly TrustedKey[], what: string, name: CheckName): Check {
  const claimed = envelope.signatures.map(({ keyid }) => keyid);
  if (trusted.some(({ key }) => claimed.includes(key.id)))
    return bad(
      name,
      `the signature does not fit: ${what} was changed after it was signed`,
      'do not use it; get it again from where it came',
    );
  const who = claimed[0] === undefined ? 'an unknown key' : `the key ${shortKey(claimed[0])}`;
  return bad(
    name,
    `${what} is signed by ${who}, which is not trusted here`,
    'check whose it is, then give it with --key FILE, or once and for all with `kiln key trust FILE`',
  );
}

/** As people see it. */
export function shortKey(id: string): string {
  return id.slice(0, 16);
}
