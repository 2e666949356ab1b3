import { createHash } from 'node:crypto';
import type { TreeFile } from './make-tree.ts';

/** Seconds since 1970 at which the packages of the small system were installed. */
export const installTime = 1_700_000_000;

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** An example key of a package: nobody's, made for this test. */
export const packagedKey = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIHcHbQpzGKV9PBbBclGyZkXfTC+H68CZKrF3+6UduSwq
-----END PRIVATE KEY-----
`;

const copyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: hello

Files: *
Copyright: 2020 Somebody
License: GPL-2+ or MIT

Files: debian/*
Copyright: 2021 Somebody
License: Expat

License: GPL-2+
 The text of it.
`;

/** A small Debian system: merged /usr, a diversion, two architectures of one package, configuration that was changed. */
export const debianFiles: Readonly<Record<string, TreeFile>> = {
  'etc/os-release':
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
  bin: { symlink: 'usr/bin' },
  'usr/bin/hello': 'the program\n',
  'usr/bin/tool.distrib': 'the tool of libfoo\n',
  'usr/bin/tool': 'the tool of hello\n',
  'usr/lib/x86_64-linux-gnu/libfoo.so': 'amd64\n',
  'usr/lib/i386-linux-gnu/libfoo.so': 'i386\n',
  'usr/share/hello/test.key': packagedKey,
  'usr/share/doc/hello/copyright': copyright,
  'usr/share/doc/libfoo/copyright': 'See /usr/share/common-licenses/LGPL-2.1 for its licence.\n',
  'etc/hello.conf': 'changed = yes\n',
  'srv/data.txt': 'nobody owns me\n',
  'var/lib/dpkg/status': `Package: hello
Status: install ok installed
Maintainer: Jane Doe <jane@example.org>
Architecture: amd64
Version: 1:2.0-1+b2
Source: hello-src (1:2.0-1)
Pre-Depends: libfoo (>= 1)
Depends: libbar | libfoo, missing
Homepage: https://example.org/hello
Conffiles:
 /etc/hello.conf ${md5('changed = no\n')}
 /etc/gone.conf 00000000000000000000000000000000 obsolete
Description: greets
 At length.

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: libfoo
Status: install ok installed
Maintainer: Foo Team <foo@lists.example.org>
Architecture: amd64
Multi-Arch: same
Version: 1.0+dfsg~rc1-3
Provides: libbar (= 1.0)
Description: a library

Package: libfoo
Status: install ok installed
Architecture: i386
Multi-Arch: same
Version: 1.0+dfsg~rc1-3
Description: a library
`,
  'var/lib/dpkg/diversions': '/bin/tool\n/bin/tool.distrib\nhello\n',
  'var/lib/dpkg/info/hello.list': {
    text: [
      ...['/.', '/bin', '/bin/hello', '/bin/tool', '/etc', '/etc/hello.conf', '/usr/share/hello/test.key'],
      ...['/usr/share/doc/hello/copyright', ''],
    ].join('\n'),
    mtime: installTime,
  },
  'var/lib/dpkg/info/hello.md5sums': `${md5('the program\n')}  bin/hello\n${md5(packagedKey)}  usr/share/hello/test.key\n`,
  'var/lib/dpkg/info/libfoo:amd64.list': {
    text: '/.\n/usr/lib/x86_64-linux-gnu/libfoo.so\n/bin/tool\n/usr/share/doc/libfoo/copyright\n',
    mtime: installTime,
  },
  'var/lib/dpkg/info/libfoo:i386.list': {
    text: '/.\n/usr/lib/i386-linux-gnu/libfoo.so\n',
    mtime: installTime,
  },
};
