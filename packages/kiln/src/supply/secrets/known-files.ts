import { cleaningRules } from '../cleaning/cleaning-list.ts';
import { pathMatcher } from '../system/path-patterns.ts';
import type { TextCheck } from './found-in-text.ts';
import { checkCloudConfig, checkShadow } from './password-databases.ts';
import { checkEnvironment, linesLike, wholeFile } from './settings.ts';

/** Files whose place says what they hold. */
interface KnownFiles {
  /** Absolute; `*` stands for any part of one name, `~` for the home of root and of anyone. */
  readonly paths: readonly string[];
  readonly below?: true;
  readonly check: TextCheck;
}

const credentials = (what: string) => wholeFile(`the file of passwords of ${what}`);
const password = (what: string) =>
  linesLike(/^\s*(?:password|passwd|pass|pwd)\s*[=:]\s*["']?([^\s"'#;]+)/i, `a password of ${what}`);

const known: readonly KnownFiles[] = [
  { paths: ['/etc/shadow', '/etc/shadow-', '/etc/passwd', '/etc/passwd-'], check: checkShadow },
  {
    paths: ['/etc/machine-id', '/var/lib/dbus/machine-id'],
    check: (text) =>
      /^(?:|uninitialized)$/.test(text.trim()) ? [] : [{ kind: 'machine-id', what: 'the id of one machine' }],
  },
  {
    paths: ['/etc/ssh/ssh_host_*_key', '/etc/dropbear/dropbear_*_host_key'],
    check: wholeFile("a machine's own SSH key", 'host-key'),
  },
  {
    paths: pathsOfRule('random-seed'),
    check: wholeFile('randomness that every machine of the image would share', 'random-seed'),
  },
  {
    paths: ['~/.*_history', '~/.history', '~/.local/share/fish/fish_history'],
    check: wholeFile('what people typed', 'history'),
  },
  {
    paths: ['~/.netrc', '/etc/netrc'],
    check: linesLike(/\bpassword\s+(\S+)/, 'a password of .netrc', 'password-file'),
  },
  {
    paths: ['/etc/apt/auth.conf', '/etc/apt/auth.conf.d/*'],
    check: linesLike(/\bpassword\s+(\S+)/, 'a password of a package archive', 'password-file'),
  },
  {
    paths: ['~/.pgpass'],
    check: linesLike(/^(?!\s*#).+:.+:.+:.+:.+/, 'a password of PostgreSQL', 'password-file'),
  },
  {
    paths: ['~/.git-credentials', '~/.config/git/credentials'],
    check: linesLike(/:\/\/[^/@\s]*:[^/@\s]+@/, 'a password of Git', 'password-file'),
  },
  {
    paths: [
      '~/.docker/config.json',
      '~/.dockercfg',
      '~/.config/containers/auth.json',
      '/etc/docker/config.json',
    ],
    check: linesLike(
      /"(?:auth|identitytoken|registrytoken)"\s*:\s*"([^"]+)"/,
      'a login at a container registry',
      'password-file',
    ),
  },
  {
    paths: ['~/.aws/credentials', '~/.aws/config'],
    check: linesLike(
      /^\s*aws_(?:secret_access_key|session_token)\s*=\s*(\S+)/i,
      'an AWS secret key',
      'token',
    ),
  },
  {
    paths: [
      '~/.azure/accessTokens.json',
      '~/.azure/msal_token_cache.*',
      '~/.azure/service_principal_entries.*',
    ],
    check: credentials('Azure'),
  },
  {
    paths: ['~/.config/gcloud/application_default_credentials.json', '~/.config/gcloud/*.db'],
    check: credentials('Google Cloud'),
  },
  {
    paths: ['~/.config/gh/hosts.yml', '~/.config/hub', '~/.config/glab-cli/config.yml'],
    check: linesLike(/^\s*(?:oauth_)?token:\s*["']?([^\s"']+)/, 'a token of a code host', 'token'),
  },
  {
    paths: ['~/.kube/config', '/etc/kubernetes/*.conf', '/etc/rancher/*/*.yaml'],
    check: linesLike(
      /^\s*(?:token|password|client-key-data):\s*["']?([^\s"']{8,})/,
      'a login of Kubernetes',
      'token',
    ),
  },
  {
    paths: [
      '~/.vault-token',
      '~/.terraform.d/credentials.tfrc.json',
      '~/.gem/credentials',
      '~/.composer/auth.json',
    ],
    check: wholeFile('a file of tokens', 'token'),
  },
  {
    paths: ['~/.cargo/credentials', '~/.cargo/credentials.toml'],
    check: linesLike(/^\s*token\s*=\s*["']?([^\s"']+)/, 'a token of a package registry', 'token'),
  },
  {
    paths: ['~/.pypirc', '/etc/pip.conf', '~/.config/pip/pip.conf', '~/.pip/pip.conf'],
    check: linesLike(
      /^\s*password\s*[=:]\s*(\S+)|:\/\/[^/@\s]*:[^/@\s]+@/,
      'a password of a package registry',
      'password-file',
    ),
  },
  {
    paths: ['~/.npmrc', '/etc/npmrc', '/usr/etc/npmrc', '~/.yarnrc.yml'],
    check: linesLike(
      /(?:_authToken|_auth|_password|npmAuthToken)\s*[=:]\s*["']?([^\s"']+)/,
      "a token in npm's settings",
      'token',
    ),
  },
  {
    paths: ['~/.m2/settings.xml'],
    check: linesLike(/<(?:password|passphrase)>([^<]+)</, 'a password of Maven', 'password-file'),
  },
  {
    paths: ['~/.s3cfg', '~/.boto', '/etc/boto.cfg', '~/.config/rclone/rclone.conf'],
    check: linesLike(
      /^\s*(?:secret_key|aws_secret_access_key|gs_oauth2_refresh_token|pass|token|secret_access_key|client_secret)\s*=\s*(\S+)/,
      'a key of a file store',
      'password-file',
    ),
  },
  { paths: ['~/.my.cnf', '/etc/mysql/debian.cnf', '/etc/mysql/conf.d/*'], check: password('a database') },
  { paths: ['~/.smbcredentials', '/etc/samba/credentials*', '/etc/cifs*'], check: password('a file server') },
  {
    paths: ['/etc/fstab'],
    check: linesLike(/[\s,](?:password|pass)=([^\s,]+)/, 'a password of a file server'),
  },
  {
    paths: [
      '/etc/NetworkManager/system-connections/*',
      '/etc/wpa_supplicant/*.conf',
      '/etc/netplan/*',
      '/var/lib/iwd/*',
    ],
    check: linesLike(
      /^\s*-?\s*(?:psk|password|passphrase|PreSharedKey|Passphrase|private-key-password|wep-key\d)\s*[=:]\s*["']?([^\s"'#]+)/i,
      'a password of a network',
    ),
  },
  {
    paths: ['/etc/wireguard/*', '/etc/systemd/network/*.netdev'],
    check: linesLike(
      /^\s*(?:PrivateKey|PresharedKey)\s*=\s*([A-Za-z0-9+/]{43}=)/,
      'a key of WireGuard',
      'private-key',
    ),
  },
  {
    paths: ['/etc/ppp/*-secrets', '/etc/ipsec.secrets', '/etc/swanctl/conf.d/*'],
    check: linesLike(
      /^(?!\s*[#;]).*(?:["']?\S+["']?\s+){2}\S|^\s*[^#]*\bPSK\s+"?(\S+)/,
      'a password of a network',
    ),
  },
  {
    paths: ['/etc/bind/rndc.key', '/etc/rndc.key', '/etc/rndc.conf'],
    check: linesLike(/\bsecret\s+"?([^"\s;]+)/, 'a key of a name server', 'private-key'),
  },
  {
    paths: ['/etc/krb5.keytab', '/etc/*.keytab', '/var/lib/samba/private/*.keytab'],
    check: wholeFile('keys of Kerberos', 'private-key'),
  },
  {
    paths: ['/etc/postfix/sasl_passwd', '/etc/exim4/passwd.client'],
    check: linesLike(/^(?!\s*#)\s*\S+\s*[\s:]\S*:\S+/, 'a password of a mail server', 'password-file'),
  },
  {
    paths: ['/etc/msmtprc', '~/.msmtprc', '~/.mbsyncrc', '~/.fetchmailrc'],
    check: linesLike(/^\s*pass(?:word)?\s+(\S+)/i, 'a password of a mail server', 'password-file'),
  },
  {
    paths: ['/etc/sssd/sssd.conf', '/etc/ldap.conf', '/etc/nslcd.conf'],
    check: linesLike(/^\s*(?:ldap_default_authtok|bindpw)\s*[= ]\s*(\S+)/i, 'a password of a directory'),
  },
  {
    paths: ['/boot/grub/grub.cfg', '/boot/grub2/grub.cfg', '/etc/grub.d/*'],
    check: linesLike(/^\s*password\s+\S+\s+(\S+)/, 'a password of the boot loader'),
  },
  {
    paths: [
      '/etc/munge/munge.key',
      '/etc/corosync/authkey',
      '/var/lib/rabbitmq/.erlang.cookie',
      '/var/lib/couchdb/.erlang.cookie',
      '/etc/ceph/*.keyring',
    ],
    check: wholeFile('a secret that machines of one cluster share', 'private-key'),
  },
  {
    paths: ['~/.gnupg/private-keys-v1.d/*', '~/.gnupg/secring.gpg'],
    check: wholeFile('an OpenPGP private key', 'private-key'),
  },
  {
    paths: [
      '/etc/cloud/cloud.cfg',
      '/etc/cloud/cloud.cfg.d/*',
      '/boot/user-data',
      '/boot/firmware/user-data',
      '/var/lib/cloud/seed/*/user-data',
      '/var/lib/cloud/seed/*/vendor-data',
    ],
    check: checkCloudConfig,
  },
  {
    paths: [
      '/etc/environment',
      '/etc/default/*',
      '/etc/profile.d/*',
      '/etc/sysconfig/*',
      '/etc/conf.d/*',
      '~/.profile',
      '~/.bash*',
      '~/.zsh*',
      '~/.pam_environment',
      '~/.env*',
      '/etc/environment.d/*',
    ],
    check: checkEnvironment,
  },
  {
    paths: ['/etc/systemd/system', '/etc/systemd/user', '~/.config/environment.d', '~/.config/systemd'],
    below: true,
    check: checkEnvironment,
  },
];

/** Names that mean settings with secrets wherever they are: `.env`, `.env.production`, `terraform.tfvars`. */
const environmentName = /(?:^|\/)(?:\.env(?:\.[\w-]+)?|[\w.-]+\.tfvars|[\w-]+\.env)$/;
const exampleName = /\.(?:example|sample|dist|template)$/;

/** Stores of keys in forms that are not text, by their names. */
const storeName = /\.(?:p12|pfx|jks|keystore|kdbx|ppk)$/i;

const matchers = known.map(({ paths, below, check }) => ({
  matches: pathMatcher(paths.flatMap(withHomes), below ? 'below' : 'path'),
  check,
}));
const anyKnown = pathMatcher(
  known.filter(({ below }) => !below).flatMap(({ paths }) => paths.flatMap(withHomes)),
  'path',
);
const anyBelow = pathMatcher(
  known.filter(({ below }) => below).flatMap(({ paths }) => paths.flatMap(withHomes)),
  'below',
);

/** What is to be looked for in a file because of its place and name. */
export function checksFor(path: string): readonly TextCheck[] {
  const checks: TextCheck[] = [];
  if (anyKnown(path) || anyBelow(path))
    for (const { matches, check } of matchers) if (matches(path)) checks.push(check);
  if (environmentName.test(path) && !exampleName.test(path) && !path.startsWith('usr/share/'))
    checks.push(checkEnvironment);
  if (storeName.test(path)) checks.push(wholeFile('a store of keys', 'private-key'));
  return checks;
}

function withHomes(path: string): string[] {
  return path.startsWith('~/') ? ['/root', '/home/*'].map((home) => `${home}${path.slice(1)}`) : [path];
}

function pathsOfRule(name: string): string[] {
  const rule = cleaningRules.find((one) => one.name === name);
  return (rule?.actions ?? []).flatMap(({ paths }) => paths);
}
