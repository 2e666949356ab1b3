import { type FoundInText, linesOf, type TextCheck } from './found-in-text.ts';
import type { SecretKind } from './secret-finding.ts';

/** A check for lines that look like this; the first group, where there is one, is the secret and must be a real value. */
export function linesLike(pattern: RegExp, what: string, kind: SecretKind = 'password'): TextCheck {
  return (text) => {
    const found: FoundInText[] = [];
    for (const { line, at } of linesOf(text)) {
      const match = pattern.exec(line);
      if (match && (match[1] === undefined || isRealValue(match[1]))) found.push({ kind, what, at });
    }
    return found;
  };
}

/** A check for a file that is a secret as a whole when it has anything in it. */
export function wholeFile(what: string, kind: SecretKind = 'password-file'): TextCheck {
  return (text) => (/\S/.test(text) ? [{ kind, what }] : []);
}

const secretName =
  /(?:secret|token|passw(?:or)?d|passphrase|pass|pwd|(?:api|access|private|encryption|auth|secret|signing|session|master|account)_?key|credentials?)$/i;

/**
 * Variables that are named like secrets and have values like secrets: for the few places where environment variables
 * are set, since the same in code and manuals means nothing.
 */
export const checkEnvironment: TextCheck = (text) => {
  const found: FoundInText[] = [];
  for (const { line, at } of linesOf(text)) {
    if (/^\s*[#;]/.test(line)) continue;
    const assignments = line.replace(/^\s*(?:export\s|Environment=)/, '');
    for (const [, name, quoted, plain] of assignments.matchAll(
      /([A-Za-z_][\w.-]*)\s*[=:]\s*(?:["']([^"']*)["']|([^\s"'#;]+))/g,
    )) {
      const value = quoted ?? plain ?? '';
      if (secretName.test(name!) && isSecretValue(name!, value))
        found.push({ kind: 'password', what: `a value of ${name} that looks like a secret`, at });
    }
  }
  return found;
};

function isSecretValue(name: string, value: string): boolean {
  if (!isRealValue(value)) return false;
  // Passwords are words of people; everything else that is secret was made by a machine.
  return /pass|pwd/i.test(name) ? value.length >= 6 : value.length >= 16 && entropy(value) >= 3;
}

/** Not a reference to something else, a path, or a word that says that the value is missing. */
function isRealValue(value: string): boolean {
  if (/^(?:\$|%|\{\{|<|\/|\.\/|~\/|file:|@|\*+$|x{3,}$|\.{3})/i.test(value)) return false;
  return !/^(?:|none|null|nil|true|false|yes|no|on|off|prompt|ask|change_?me|replace_?me|your[-_ ].*|example.*|secret|password|todo)$/i.test(
    value,
  );
}

/** Shannon's, in bits a character. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
