import { p, refusals, type WrongProfile } from './testing.ts';

/** Mistakes of packages, repositories, users and files: what, the text (after "profile: 1"), and place and message of each. */
const wrong: readonly WrongProfile[] = [
  [
    'a package of two words',
    p('packages:\n  - nginx curl\n'),
    '3:5 entry 1 of packages: "nginx curl" is more than one word',
  ],
  [
    'an impossible package',
    p('os: debian/12\npackages: [ImageMagick]\n'),
    '3:12 "ImageMagick" cannot be a package of debian',
  ],
  [
    'a package file',
    p('packages: [./tool.deb]\n'),
    '2:12 entry 1 of packages: "./tool.deb" is a file or a target release, not the name of a package',
  ],
  [
    'a package twice',
    p('packages:\n  - nginx\n  - name: nginx\n    held: true\n'),
    '4:5 the package nginx is given twice',
  ],
  [
    'a package with an impossible version',
    p('packages: [nginx=1 2]\n'),
    '2:12 entry 1 of packages: "1 2" cannot be a version',
  ],
  [
    'an absent package with a version',
    p('packages:\n  - {name: nginx, absent: true, version: "1"}\n'),
    '3:5 the package nginx is to be absent, and has a version too',
  ],
  [
    'packages as a text',
    p('packages: nginx\n'),
    '2:11 packages: found "nginx", expected a list ("- …" lines) of a package such as nginx or nginx=1.22.*, or a mapping with fields such as name, version and absent each, or a mapping with a package\'s name on each line',
  ],
  [
    'a package that is absent in words',
    p('packages: [{name: nginx, absent: yes}]\n'),
    '2:34 absent: found "yes", expected true or false',
  ],
  ['a package without a name', p('packages: [{held: true}]\n'), '2:12 a package needs "name"'],
  [
    'a repository without a URL',
    p('repositories: {docker: {suites: bookworm}}\n'),
    '2:16 the repository docker needs "url"',
  ],
  [
    'a repository that is no line',
    p('repositories: {docker: "https://example.org bookworm"}\n'),
    '2:24 repositories.docker: found "https://example.org bookworm", expected a line such as "deb https://deb.example.org/debian bookworm main"',
  ],
  [
    'a repository whose key is missing',
    p('repositories:\n  docker: {url: "https://example.org", suites: x, key: docker.asc}\n'),
    '3:56 there is no file "docker.asc" in FOLDER',
  ],
  [
    'a repository whose key is no key',
    {
      'kiln.profile.yaml': p(
        'repositories:\n  docker: {url: "https://example.org", suites: x, key: docker.asc}\n',
      ),
      'docker.asc': 'hello\n',
    },
    '3:56 the key is not an ASCII-armoured OpenPGP key',
  ],
  [
    'a key from a URL without a digest',
    p('repositories:\n  docker:\n    url: https://example.org\n    key: {url: "https://example.org/key"}\n'),
    '5:10 a key needs "digest"',
  ],
  [
    'a repository that is trusted',
    p('repositories: {x: "deb [trusted=yes] https://example.org x main"}\n'),
    '2:19 repositories.x: the option "trusted" cannot be honoured',
  ],
  [
    'a repository with a bad name',
    p('repositories: {"Dock er": {url: "https://example.org"}}\n'),
    '2:16 "Dock er" cannot be a repository\'s name',
  ],
  [
    'a group with a bad number',
    p('groups: {app: -1}\n'),
    '2:15 groups.app: found "-1", expected a number, or absent',
  ],
  [
    'two groups with one number',
    p('groups: {a: 1500, b: 1500}\n'),
    '2:19 the groups a and b have the same number, 1500',
  ],
  [
    'a user twice',
    p('users:\n  - deploy\n  - {name: deploy, shell: /bin/sh}\n'),
    '4:5 the user deploy is given twice',
  ],
  ['a user twice in a mapping', p('users:\n  deploy: {}\n  deploy: {}\n'), '4:3 "deploy" is given twice'],
  [
    'two users with one number',
    p('users:\n  a: {uid: 1500}\n  b: {uid: 1500}\n'),
    '4:12 the users a and b have the same number, 1500',
  ],
  [
    'a user with a bad name',
    p('users: [Deploy]\n'),
    '2:9 entry 1 of users: "Deploy" cannot be a user\'s name',
  ],
  [
    'a user whose number is a text',
    p('users: {a: {uid: "1500"}}\n'),
    '2:18 uid: found "1500", expected a whole number from 0 to 4294967294',
  ],
  [
    'a password in clear',
    p('users:\n  a:\n    password: hunter2\n'),
    '4:15 the password stands here in clear, where everybody who has the file or the image can read it',
  ],
  ['half a hash', p('users: {a: {password: $6$abc}}\n'), '2:23 password: this is no whole hash of crypt(5)'],
  [
    'a private key',
    p('users:\n  a:\n    ssh_keys: |\n      -----BEGIN OPENSSH PRIVATE KEY-----\n      b3Bl\n'),
    '4:15 this is a private key, which belongs to nobody but its owner',
  ],
  [
    'a damaged key',
    p('users: {a: {ssh_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI]}}\n'),
    '2:24 the SSH key "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" is damaged',
  ],
  [
    'a key file that is missing',
    p('users: {a: {ssh_keys: keys/a.pub}}\n'),
    '2:23 there is no file "keys/a.pub" in FOLDER',
  ],
  ['a relative shell', p('users: {a: {shell: bash}}\n'), '2:20 shell: "bash" is not an absolute path'],
  [
    'a bad rule of sudo',
    p('users: {a: {sudo: yes please}}\n'),
    '2:19 sudo: "yes please" is not a rule of sudoers',
  ],
  [
    'a field that others call so',
    p('users: {a: {ssh_authorized_keys: []}}\n'),
    '2:13 a user has no field "ssh_authorized_keys"',
  ],
  [
    'an absent user with a shell',
    p('users: {a: {absent: true, shell: /bin/sh}}\n'),
    '2:9 the user a is to be absent, and has "shell" too',
  ],
  [
    'a user in a group that goes',
    p('groups: {old: absent}\nusers: {a: {groups: old}}\n'),
    '3:9 the user a is in the group old, which is to be absent',
  ],
  ['a relative path', p('files: {etc/motd: x}\n'), '2:9 files: "etc/motd" is not an absolute path'],
  ['a path with ..', p('files:\n  /etc/../root/x: y\n'), '3:3 files: "/etc/../root/x" has ".." in it'],
  [
    'a path in a list with ..',
    p('files:\n  - path: /a/../b\n    content: x\n'),
    '3:11 path: "/a/../b" has ".." in it',
  ],
  ['a folder as a path', p('files: {/etc/: x}\n'), '2:9 files: "/etc/" ends with "/"'],
  [
    'a path of the kernel',
    p('files: {/proc/sys/x: "1"}\n'),
    '2:9 files: "/proc/sys/x" is the kernel\'s: what is written to /proc is gone after a restart',
  ],
  [
    'two files with one path',
    p('files:\n  - {path: /etc/motd, content: a}\n  - {path: /etc/motd, content: b}\n'),
    '4:5 the file /etc/motd is given twice',
  ],
  [
    'a mode that is a number',
    p('files: {/etc/motd: {content: x, mode: 644}}\n'),
    '2:39 mode: 644 is a number, which is not what chmod understands by it',
  ],
  [
    'an octal mode that is a number',
    p('files: {/etc/motd: {content: x, mode: 0644}}\n'),
    '2:39 mode: 0644 is a number, which is not what chmod understands by it',
  ],
  [
    'a mode in letters',
    p('files: {/etc/motd: {content: x, mode: rw-r--r--}}\n'),
    '2:39 mode: "rw-r--r--" is not in octal digits',
  ],
  [
    'a mode with an 8',
    p('files: {/etc/motd: {content: x, mode: "0684"}}\n'),
    '2:39 mode: "0684" cannot be permission bits',
  ],
  [
    'a source that is not there',
    p('files:\n  /etc/motd:\n    source: motd\n'),
    '4:13 there is no file "motd" in FOLDER',
  ],
  [
    'a source that is a folder',
    { 'kiln.profile.yaml': p('files:\n  /srv: {source: site}\n'), 'site/a': 'x' },
    '3:18 "site" is a folder',
  ],
  [
    'a template with an unknown parameter',
    { 'kiln.profile.yaml': p('files: {/etc/a: {template: t/a.in}}\n'), 't/a.in': 'one\ntwo ${nix}\n' },
    't/a.in:2:5 there is no parameter "nix"',
  ],
  [
    'a URL without a digest',
    p('files:\n  /usr/bin/x:\n    url: https://example.org/x\n'),
    '4:10 the URL of /usr/bin/x needs "digest": what is behind it may change at any time',
  ],
  [
    'a digest that is too short',
    p('files: {/x: {url: "https://example.org/x", digest: "sha256:ab"}}\n'),
    '2:52 digest: the digest has 2 digits, and SHA-256 has 64',
  ],
  [
    'a digest of another kind',
    p('files: {/x: {url: "https://example.org/x", digest: "md5:d41d8cd98f00b204e9800998ecf8427e"}}\n'),
    '2:52 digest: "md5:d41d8cd98f00b204e9800998ecf8427e" is not a SHA-256 digest',
  ],
  [
    'a URL of another kind',
    p('files: {/x: {url: "ftp://example.org/x", digest: "sha256:ab"}}\n'),
    '2:19 url: "ftp://example.org/x" cannot be fetched: ftp is neither http nor https',
    '2:50 digest: the digest has 2 digits, and SHA-256 has 64',
  ],
  [
    'content and source',
    p('files: {/x: {content: a, source: b}}\n'),
    '2:34 /x has content and source, and can be only one thing',
  ],
  ['a link with a mode', p('files: {/x: {link: /y, mode: "0777"}}\n'), '2:30 /x is a link and has no mode'],
  [
    'a file in a file',
    p('files: {/srv/a: x, /srv/a/b: y}\n'),
    '2:20 /srv/a/b cannot be there, because /srv/a is a file (line 2)',
  ],
  ['no base64', p('files: {/x: {base64: "%%%"}}\n'), '2:22 base64: this is not base64'],
  [
    'exact without a directory',
    p('files: {/x: {content: a, exact: true}}\n'),
    '2:33 "exact" of /x has no meaning without "directory"',
  ],
  [
    'a directory that is false',
    p('files: {/x: {directory: false}}\n'),
    '2:25 directory: nothing else than a directory can be meant',
  ],
];

refusals(wrong);
