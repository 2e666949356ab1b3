import type { SourceLocation } from '../../../base/errors.ts';
import { refuseClear } from '../notations/password.ts';
import { type CloudContext, refuse } from './cloud-context.ts';
import type { DefaultUsers } from './default-user.ts';
import type { CloudConfig } from './shape.ts';
import { readHash } from './users.ts';

/** The fields `password`, `chpasswd` and `ssh_pwauth`. */
export function readPasswords(config: CloudConfig, defaults: DefaultUsers, context: CloudContext): void {
  const { password, chpasswd } = config;
  const changed: { readonly name: string; readonly at: SourceLocation }[] = [];
  const set = (name: string, written: string, at: SourceLocation) => {
    const hash = readHash(written, at, context);
    if (hash) context.layer.add('users', name, at, { absent: false, password: hash });
    changed.push({ name, at });
  };
  if (password !== undefined && chpasswd?.list === undefined) {
    const at = context.places.of(config, 'password');
    const hash = readHash(password, at, context);
    defaults.add(at, { ...(hash && { password: hash }) });
    for (const name of defaults.names) changed.push({ name, at });
  }
  if (chpasswd) readChanges(chpasswd, set, context);
  // cloud-init expires the passwords that it has set, unless it is told not to.
  if (chpasswd?.expire !== false) {
    for (const { name, at } of changed)
      context.layer.addOnce(`expire the password of ${name}`, 'last', at, expire(name));
  }
  readPasswordLogin(config, context);
}

/** A user that is not on this system has no password to expire. */
function expire(name: string): string {
  return `if getent passwd ${name} > /dev/null; then chage -d 0 ${name}; fi`;
}

function readChanges(
  chpasswd: NonNullable<CloudConfig['chpasswd']>,
  set: (name: string, written: string, at: SourceLocation) => void,
  context: CloudContext,
): void {
  const { problems, places } = context;
  for (const [index, entry] of (chpasswd.users ?? []).entries()) {
    const at = places.of(chpasswd.users!, index);
    const { name, password, type = 'hash' } = entry;
    if (type === 'RANDOM')
      problems.error(at, `a random password of ${name} would be known to nobody`, randomHint);
    else if (password === undefined)
      problems.error(
        at,
        `the password of ${name} is missing`,
        'write its hash: `openssl passwd -6` prints one',
      );
    else if (type === 'text')
      refuseClear({ kind: 'clear', text: password }, places.of(entry, 'password'), context);
    else if (type === 'hash') set(name, password, places.of(entry, 'password'));
    else
      problems.error(
        places.of(entry, 'type'),
        `"${type}" is no type of password`,
        'write hash, and the hash as the password',
      );
  }
  const { list } = chpasswd;
  if (list === undefined) return;
  const lines = typeof list === 'string' ? list.split('\n') : list;
  lines.forEach((line: string, index: number) => {
    const at = typeof list === 'string' ? places.of(chpasswd, 'list') : places.of(list, index);
    const [, name, written] = /^\s*([a-z_][a-z0-9_-]*):(.+?)\s*$/.exec(line) ?? [];
    if (line.trim() === '' || line.trim().startsWith('#')) return;
    if (name === undefined || written === undefined) {
      problems.error(
        at,
        'a line of "list" is not NAME:HASH',
        'write the name of a user, ":" and the hash of the password',
      );
    } else if (written === 'R' || written === 'RANDOM') {
      problems.error(at, `a random password of ${name} would be known to nobody`, randomHint);
    } else set(name, written, at);
  });
}

const randomHint = 'write a hash (`openssl passwd -6` prints one), or use SSH keys';

function readPasswordLogin(config: CloudConfig, context: CloudContext): void {
  const { ssh_pwauth: written } = config;
  if (written === undefined || written === 'unchanged') return;
  const wish = { true: 'yes', yes: 'yes', on: 'yes', false: 'no', no: 'no', off: 'no' }[
    written.toLowerCase()
  ];
  if (wish === undefined) {
    refuse(
      context,
      config,
      'ssh_pwauth',
      `"${written}" is neither true nor false`,
      'write true, false or unchanged',
    );
    return;
  }
  const at = context.places.of(config, 'ssh_pwauth');
  const path = '/etc/ssh/sshd_config.d/50-cloud-init.conf';
  context.layer.add('files', path, at, {
    what: { kind: 'file', content: { kind: 'text', text: `PasswordAuthentication ${wish}\n` } },
    mode: 0o600,
    owner: 'root',
    group: 'root',
  });
  const isDebian = {
    kind: 'fact',
    name: 'os.distribution',
    operator: 'in',
    value: ['debian', 'ubuntu'],
  } as const;
  context.layer.add('services', 'ssh.service', at, { restartOn: [path], when: isDebian });
  context.layer.add('services', 'sshd.service', at, {
    restartOn: [path],
    when: { kind: 'not', of: isDebian },
  });
}
