/**
 * Files that differ between two installations of the same packages, in the same release, with SOURCE_DATE_EPOCH set:
 * found by installing some hundred packages of Debian 12 twice, at other times and in other places. What makes a system
 * one particular machine, and caches and logs, are dealt with by cleaning-list.ts and are not repeated here.
 */
export interface VolatileFile {
  /** Absolute; `*` stands for any part of one name. A folder stands for all that is in it. */
  readonly paths: readonly string[];
  /** The package whose installation makes it. */
  readonly madeBy: string;
  /** Why it is never the same. */
  readonly reason: string;
  readonly remedy: Remedy;
}

export type Remedy =
  /** It goes; `remake` is what a machine has to run as root at its first boot to have one of its own. */
  | { readonly kind: 'remove'; readonly remake?: string }
  /** Its whole content becomes this. */
  | { readonly kind: 'replace'; readonly content: string }
  /** Its content becomes the same by `rewriteVolatile`. */
  | { readonly kind: 'rewrite'; readonly how: 'shadow' | 'java-keystore' }
  /** Nothing helps: an image with it is not the same as another, and its user should be told. */
  | { readonly kind: 'differs' };

export const volatileFiles: readonly VolatileFile[] = [
  {
    paths: ['/dev/*'],
    madeBy: 'mmdebstrap',
    reason: 'root can make device nodes and users in a namespace cannot; a running system has its own /dev',
    remedy: { kind: 'remove' },
  },
  {
    paths: ['/etc/shadow', '/etc/shadow-'],
    madeBy: 'passwd',
    reason: 'on a host whose clock is before SOURCE_DATE_EPOCH, the day of the last change is that clock’s',
    remedy: { kind: 'rewrite', how: 'shadow' },
  },
  {
    paths: ['/etc/ssl/certs/java/cacerts'],
    madeBy: 'ca-certificates-java',
    reason: 'every certificate in it has the time when it was added',
    remedy: { kind: 'rewrite', how: 'java-keystore' },
  },
  {
    paths: ['/etc/ssl/certs/ssl-cert-snakeoil.pem', '/etc/ssl/private/ssl-cert-snakeoil.key'],
    madeBy: 'ssl-cert',
    reason: 'a key that is made at installing, and that machines must not share',
    remedy: { kind: 'remove', remake: 'make-ssl-cert generate-default-snakeoil --force-overwrite' },
  },
  {
    paths: ['/etc/popularity-contest.conf', '/etc/cron.d/popularity-contest'],
    madeBy: 'popularity-contest',
    reason: 'an id and a time of day, both drawn by lot',
    remedy: { kind: 'remove', remake: 'dpkg-reconfigure -f noninteractive popularity-contest' },
  },
  {
    paths: ['/etc/iscsi/initiatorname.iscsi'],
    madeBy: 'open-iscsi',
    reason: 'a name that every machine must have its own of; open-iscsi makes one at its start when told so',
    remedy: { kind: 'replace', content: 'GenerateName=yes\n' },
  },
  {
    paths: ['/etc/nvme/hostnqn', '/etc/nvme/hostid'],
    madeBy: 'nvme-cli',
    reason: 'ids that every machine must have its own of',
    remedy: {
      kind: 'remove',
      remake:
        'nvme gen-hostnqn > /etc/nvme/hostnqn && sed "s/.*uuid://" /etc/nvme/hostnqn > /etc/nvme/hostid',
    },
  },
  {
    paths: ['/etc/bind/rndc.key'],
    madeBy: 'bind9',
    reason: 'a key that is made at installing, and that machines must not share',
    remedy: { kind: 'remove', remake: 'rndc-confgen -a -u bind && chgrp bind /etc/bind/rndc.key' },
  },
  {
    paths: ['/etc/xrdp/rsakeys.ini'],
    madeBy: 'xrdp',
    reason: 'a key that is made at installing, and that machines must not share',
    remedy: {
      kind: 'remove',
      remake: 'xrdp-keygen xrdp /etc/xrdp/rsakeys.ini && chown xrdp:xrdp /etc/xrdp/rsakeys.ini',
    },
  },
  {
    paths: ['/var/lib/rabbitmq/.erlang.cookie'],
    madeBy: 'rabbitmq-server',
    reason: 'a secret that is made at installing; the server makes a new one at its start',
    remedy: { kind: 'remove' },
  },
  {
    paths: ['/etc/aliases.db'],
    madeBy: 'postfix',
    reason: 'a database with bytes in it that nobody has set',
    remedy: { kind: 'remove', remake: 'newaliases' },
  },
  {
    paths: ['/var/lib/texmf'],
    madeBy: 'texlive-base',
    reason: 'formats of TeX with the time in them, lists in the order of folders, logs',
    remedy: { kind: 'differs' },
  },
  {
    paths: ['/var/lib/mysql'],
    madeBy: 'mariadb-server',
    reason: 'a whole database that is set up at installing',
    remedy: { kind: 'differs' },
  },
  {
    paths: ['/var/lib/postgresql'],
    madeBy: 'postgresql',
    reason: 'a whole database that is set up at installing, with an id of its own',
    remedy: { kind: 'differs' },
  },
  {
    paths: ['/etc/ldap/slapd.d', '/var/lib/ldap'],
    madeBy: 'slapd',
    reason: 'a whole directory that is set up at installing, with ids and times in it',
    remedy: { kind: 'differs' },
  },
  {
    paths: ['/etc/freeradius/*/certs/dh'],
    madeBy: 'freeradius',
    reason: 'parameters of a key exchange that are drawn by lot at installing',
    remedy: { kind: 'differs' },
  },
];
