import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TreeEntry } from '@kiln/diskimage';
import { treeFiles } from '../../supply/system/tree-files.ts';
import { imageAccess } from '../inventory/image-access.ts';
import type { ExaminedSystem } from '../inventory/survey.ts';
import { treeSystem } from '../inventory/tree-system.ts';

/** What stands at a path: a text, or something else. Without `text` or `link` it is a folder. */
export type TreeNode =
  | string
  | { readonly text: string; readonly mode?: number; readonly uid?: number; readonly gid?: number }
  | { readonly bytes: Uint8Array; readonly mode?: number; readonly uid?: number; readonly gid?: number }
  | { readonly link: string }
  | { readonly folder: true; readonly mode?: number; readonly uid?: number; readonly gid?: number };

/** A package as dpkg has it, with all that it brings. */
export interface TestPackage {
  readonly name: string;
  readonly version?: string;
  readonly architecture?: string;
  /** The field of deb-control(5). */
  readonly depends?: string;
  readonly provides?: string;
  readonly essential?: true;
  readonly priority?: string;
  /** First word of the status; `install` unless given. */
  readonly wanted?: 'install' | 'hold' | 'deinstall';
  readonly state?: 'installed' | 'config-files';
  /** Not asked for by anybody. */
  readonly automatic?: true;
  /** By path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Folders and links that belong to it too. */
  readonly also?: readonly string[];
  /** Those of `files` that are configuration. */
  readonly conffiles?: readonly string[];
  readonly postinst?: string;
}

export interface DebianTree {
  readonly packages?: readonly TestPackage[];
  /** What is in the tree besides, or instead of what packages brought; null takes a file away. */
  readonly files?: Readonly<Record<string, TreeNode | null>>;
}

/** The paths of a small system of Debian 12, made of nothing but what is given and what every system has. */
export function debianNodes({ packages = [], files = {} }: DebianTree = {}): Map<string, TreeNode> {
  const nodes = new Map<string, TreeNode>(Object.entries(everySystem));
  const all = [...basePackages, ...packages];
  for (const one of all) {
    if (one.state === 'config-files') continue;
    for (const [path, text] of Object.entries(one.files ?? {})) nodes.set(path, text);
    const info = `/var/lib/dpkg/info/${one.name}`;
    const conffiles = new Set(one.conffiles);
    const paths = Object.keys(one.files ?? {});
    nodes.set(
      `${info}.list`,
      `/.\n${[...foldersOf(paths), ...paths, ...(one.also ?? [])].sort().join('\n')}\n`,
    );
    const sums = paths
      .filter((path) => !conffiles.has(path))
      .map((path) => `${md5(one.files![path]!)}  ${path.slice(1)}\n`);
    nodes.set(`${info}.md5sums`, sums.join(''));
    if (one.postinst !== undefined) nodes.set(`${info}.postinst`, { text: one.postinst, mode: 0o755 });
  }
  nodes.set('/var/lib/dpkg/status', all.map(statusOf).join('\n'));
  nodes.set(
    '/var/lib/apt/extended_states',
    all
      .filter((one) => one.automatic)
      .map((one) => `Package: ${one.name}\nArchitecture: amd64\nAuto-Installed: 1\n`)
      .join('\n'),
  );
  for (const [path, node] of Object.entries(files)) {
    if (node === null) nodes.delete(path);
    else nodes.set(path, node);
  }
  return nodes;
}

/** The system as something to look at. No files are written. */
export function debianSystem(tree: DebianTree = {}, description = 'a test system'): ExaminedSystem {
  const entries = entriesOf(debianNodes(tree));
  return treeSystem(
    imageAccess(treeFiles(entries), [], async () => {}),
    description,
  );
}

/** Entries of a tree, folders before what is in them. */
export function entriesOf(nodes: ReadonlyMap<string, TreeNode>): TreeEntry[] {
  const all = new Map<string, TreeNode>([['/', { folder: true }]]);
  for (const path of foldersOf([...nodes.keys()])) all.set(path, { folder: true });
  for (const [path, node] of nodes) all.set(path, node);
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, node]) => entryOf(path.slice(1), node));
}

function entryOf(path: string, node: TreeNode): TreeEntry {
  const plain = typeof node === 'string' ? { text: node } : node;
  const base = {
    path: Buffer.from(path, 'utf8').toString('latin1'),
    uid: 'uid' in plain ? (plain.uid ?? 0) : 0,
    gid: 'gid' in plain ? (plain.gid ?? 0) : 0,
    mtime: 1_700_000_000,
  };
  if ('link' in plain) return { ...base, kind: 'symlink', mode: 0o777, target: plain.link };
  if ('folder' in plain) return { ...base, kind: 'directory', mode: plain.mode ?? 0o755 };
  const bytes = 'bytes' in plain ? Buffer.from(plain.bytes) : Buffer.from(plain.text, 'utf8');
  const open = () => ({
    read: (into: Uint8Array, position: number) => bytes.copy(into, 0, position, position + into.length),
    close: () => {},
  });
  return { ...base, kind: 'file', mode: plain.mode ?? 0o644, size: bytes.length, content: { open } };
}

/** Writes the tree to a folder of this host; everything belongs to whoever does that. */
export function writeNodes(root: string, nodes: ReadonlyMap<string, TreeNode>): void {
  for (const [path, node] of [...nodes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    const plain = typeof node === 'string' ? { text: node } : node;
    if ('link' in plain) symlinkSync(plain.link, place);
    else if ('folder' in plain) mkdirSync(place, { recursive: true, mode: plain.mode ?? 0o755 });
    else writeFileSync(place, 'bytes' in plain ? plain.bytes : plain.text, { mode: plain.mode ?? 0o644 });
    if (!('link' in plain)) chmodSync(place, plain.mode ?? ('folder' in plain ? 0o755 : 0o644));
  }
}

function foldersOf(paths: readonly string[]): string[] {
  const found = new Set<string>();
  for (const path of paths)
    for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) found.add(folder);
  return [...found].sort();
}

function statusOf(one: TestPackage): string {
  const { name, version = '1.0-1', architecture = 'amd64', wanted = 'install', state = 'installed' } = one;
  const fields: [string, string | undefined][] = [
    ['Package', name],
    ['Essential', one.essential && 'yes'],
    ['Status', `${wanted} ok ${state}`],
    ['Priority', one.priority ?? 'optional'],
    ['Architecture', architecture],
    ['Version', version],
    ['Provides', one.provides],
    ['Depends', one.depends],
    [
      'Conffiles',
      one.conffiles && `\n${one.conffiles.map((path) => ` ${path} ${md5(one.files![path]!)}`).join('\n')}`,
    ],
  ];
  const lines = fields
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => `${field}: ${value}\n`);
  return `${lines.join('')}Description: a package of a test\n`;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

const profileText = '# for every shell\n';
const skeleton = '# for new users\n';

const basePackages: readonly TestPackage[] = [
  {
    name: 'dpkg',
    version: '1.21.22',
    essential: true,
    priority: 'required',
    files: { '/usr/bin/dpkg': 'ELF' },
  },
  { name: 'apt', version: '2.6.1', priority: 'required', depends: 'libc6 (>= 2.34)' },
  {
    name: 'base-files',
    version: '12.4+deb12u10',
    essential: true,
    priority: 'required',
    files: {
      '/usr/lib/os-release':
        'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
      '/usr/share/base-files/profile': profileText,
      '/etc/issue': 'Debian GNU/Linux 12\n',
    },
    conffiles: ['/etc/issue'],
    also: [
      ...[
        '/etc/os-release',
        '/etc/apt',
        '/etc/apt/sources.list.d',
        '/etc/apt/keyrings',
        '/etc/ssh',
        '/etc/default',
      ],
      ...[
        '/etc/ssh/sshd_config.d',
        '/etc/sudoers.d',
        '/etc/systemd',
        '/etc/systemd/network',
        '/etc/systemd/system',
      ],
      ...[
        '/etc/sysctl.d',
        '/etc/modules-load.d',
        '/etc/modprobe.d',
        '/etc/security',
        '/etc/security/limits.d',
      ],
      ...['/etc/cron.d', '/etc/skel'],
    ],
    postinst: '#!/bin/sh\ninstall_from_default profile /etc/profile\n',
  },
  {
    name: 'base-passwd',
    essential: true,
    priority: 'required',
    files: {
      '/usr/share/base-passwd/passwd.master':
        'root:*:0:0:root:/root:/bin/bash\nwww-data:*:33:33:www-data:/var/www:/usr/sbin/nologin\nnobody:*:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
      '/usr/share/base-passwd/group.master': 'root:*:0:\nsudo:*:27:\nwww-data:*:33:\nnogroup:*:65534:\n',
    },
  },
  {
    name: 'bash',
    essential: true,
    priority: 'required',
    files: { '/etc/skel/.bashrc': skeleton },
    conffiles: ['/etc/skel/.bashrc'],
  },
  { name: 'libc6', version: '2.36-9', priority: 'required', depends: 'libgcc-s1' },
  { name: 'libgcc-s1', priority: 'required' },
];

const everySystem: Readonly<Record<string, TreeNode>> = {
  '/bin': { link: 'usr/bin' },
  '/lib': { link: 'usr/lib' },
  '/etc/os-release': { link: '../usr/lib/os-release' },
  '/etc/profile': profileText,
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
  '/etc/group': 'root:x:0:\nsudo:x:27:\nwww-data:x:33:\nnogroup:x:65534:\n',
  '/etc/shadow': {
    text: 'root:*:19000:0:99999:7:::\nwww-data:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n',
    mode: 0o640,
  },
  '/etc/hostname': 'web-1\n',
  '/etc/hosts': '127.0.0.1\tlocalhost\n127.0.1.1\tweb-1\n::1\tlocalhost ip6-localhost\n',
  '/etc/localtime': { link: '/usr/share/zoneinfo/Etc/UTC' },
  '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  '/etc/ssh/ssh_host_ed25519_key': { text: 'not a key', mode: 0o600 },
  '/etc/apt/sources.list':
    'deb http://deb.debian.org/debian bookworm main\ndeb http://deb.debian.org/debian bookworm-updates main\n',
  '/root': { folder: true, mode: 0o700 },
};
