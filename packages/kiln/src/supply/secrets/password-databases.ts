import { type FoundInText, linesOf, type TextCheck } from './found-in-text.ts';

/** Hashes of passwords that nobody guesses from the hash: crypt(5). */
const strongHash = /^\$(?:5|6|7|y|gy|2[abxy]|argon2id?|sha1)\$.{20,}$/;
const weakHash = /^(?:\$1\$.{0,8}\$[./A-Za-z0-9]{22}|\$md5.*|\$3\$.*|_[./A-Za-z0-9]{19}|[./A-Za-z0-9]{13})$/;

/** What is wrong with a password field of shadow(5); undefined for strong hashes and for accounts that are locked. */
export function passwordFault(field: string): string | undefined {
  const hash = field.replace(/^!+/, '');
  const locked = hash !== field;
  if (hash === '' || /^[*x]/.test(hash)) return locked || hash !== '' ? undefined : 'no password is needed';
  if (strongHash.test(hash)) return undefined;
  if (weakHash.test(hash)) return 'a password hash that is quickly broken';
  // A locked account's field may hold any word.
  return locked ? undefined : 'a password that is not hashed';
}

/** /etc/shadow, and /etc/passwd where it still has passwords. */
export const checkShadow: TextCheck = (text) => {
  const found: FoundInText[] = [];
  for (const { line, at } of linesOf(text)) {
    const [user, field] = line.split(':');
    if (!user || field === undefined) continue;
    const fault = passwordFault(field);
    if (fault) found.push({ kind: 'password', what: `${fault}, for the user ${printable(user)}`, at });
  }
  return found;
};

/** Files of cloud-init: its own configuration, and user data. */
export const checkCloudConfig: TextCheck = (text) => {
  const found: FoundInText[] = [];
  let listIndent: number | undefined;
  for (const { line, at } of linesOf(text)) {
    if (/^\s*(#|$)/.test(line)) continue;
    const indent = line.search(/\S/);
    const field =
      /^\s*(?:-\s+)?["']?(password|plain_text_passwd|passwd|hashed_passwd|type)["']?\s*:\s*(.+?)\s*$/.exec(
        line,
      );
    const value = field && unquote(field[2]!);
    if (field && value && field[1] !== 'type' && isRealValue(value)) {
      const fault = field[1] === 'plain_text_passwd' ? 'a password that is not hashed' : passwordFault(value);
      if (fault) found.push({ kind: 'password', what: `${fault}, in settings of cloud-init`, at });
    }
    // `chpasswd: list:` has a line `user:password` each.
    if (listIndent !== undefined && indent <= listIndent && !/^\s*-/.test(line)) listIndent = undefined;
    const entry =
      listIndent === undefined ? null : /^\s*(?:-\s+)?["']?([a-z_][\w.-]*):([^\s:"']+)["']?\s*$/.exec(line);
    if (entry && !/^R(ANDOM)?$/.test(entry[2]!)) {
      const fault = passwordFault(entry[2]!);
      if (fault) found.push({ kind: 'password', what: `${fault}, in settings of cloud-init`, at });
    }
    if (/^\s*list\s*:\s*([|>][+-]?)?\s*$/.test(line)) listIndent = indent;
  }
  return found;
};

/** Values that stand for something that comes later. */
function isRealValue(value: string): boolean {
  return !/^(?:\$\{|\{\{|<|\*+$|null$|~$|RANDOM$|R$|true$|false$|%)/i.test(value);
}

function unquote(value: string): string {
  return value.replace(/^(["'])(.*)\1(?:\s+#.*)?$/, '$2').replace(/\s+#.*$/, '');
}

function printable(name: string): string {
  return name.replace(/[^\x21-\x7e]/g, '?').slice(0, 40);
}
