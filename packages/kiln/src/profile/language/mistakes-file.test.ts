import { p, refusals, type WrongProfile } from './testing.ts';

/** Mistakes of files, bases and parameters: what, the text (after "profile: 1"), and place and message of each. */
const wrong: readonly WrongProfile[] = [
  ['no version', 'packages: [nginx]\n', '1:1 a profile needs "profile", the version of its format'],
  ['a newer version', 'profile: 2\n', '1:10 this Kiln reads version 1 of profiles, and this is version 2'],
  [
    'a version that is no number',
    'profile: one\n',
    '1:10 profile: found "one", expected a whole number from 1 to 1000000',
  ],
  ['an empty file', '', '1:1 the file is empty'],
  [
    'a list',
    '- nginx\n',
    '1:1 FOLDER/kiln.profile.yaml: found a list, expected a mapping with fields such as profile, name and os',
  ],
  ['a tab', 'profile: 1\npackages:\n\t- nginx\n', '3:1 a tab is used to indent'],
  ['an unknown field', p('pakages: [nginx]\n'), '2:1 a profile has no field "pakages"'],
  ['a field of another tool', p('write_files: []\n'), '2:1 a profile has no field "write_files"'],
  ['a name that is a list', p('name: [a]\n'), '2:7 name: found a list, expected text'],
  ['an os without a release', p('os: debian\n'), '2:5 os: "debian" does not say which release'],
  ['an unknown os', p('os: debain/12\n'), '2:5 os: there is no distribution "debain"'],
  [
    'a list of systems',
    p('os: [debian/12]\n'),
    '2:5 os: found a list, expected a distribution and its release, such as debian/12',
  ],
  [
    'a base that is not there',
    { 'kiln.profile.yaml': p('extends: ./comon.yaml\n'), 'common.yaml': p('') },
    '2:10 there is no file "./comon.yaml" in FOLDER',
  ],
  [
    'a base that extends its heir',
    {
      'kiln.profile.yaml': p('extends: a.yaml\n'),
      'a.yaml': p('extends:\n  - b.yaml\n'),
      'b.yaml': p('extends: ./kiln.profile.yaml\n'),
    },
    'b.yaml:2:10 files extend each other in a circle: FOLDER/kiln.profile.yaml → FOLDER/a.yaml → FOLDER/b.yaml → FOLDER/kiln.profile.yaml',
  ],
  [
    'a profile that extends itself',
    p('extends: kiln.profile.yaml\n'),
    '2:10 FOLDER/kiln.profile.yaml extends itself',
  ],
  [
    'a base from a URL without a digest',
    p('extends: https://example.org/base.yaml\n'),
    '2:10 extends: the URL "https://example.org/base.yaml" needs a digest: what is behind it may change at any time',
  ],
  [
    'a base from a URL with a bad digest',
    p('extends: https://example.org/base.yaml@sha256:12ab\n'),
    '2:10 extends: the digest has 4 digits, and SHA-256 has 64',
  ],
  [
    'a base that is a mapping',
    p('extends: {file: a.yaml}\n'),
    '2:10 a base needs "url"',
    '2:10 a base needs "digest"',
    '2:11 a base has no field "file"',
  ],
  [
    'a base with a mistake',
    {
      'kiln.profile.yaml': p('extends: base/a.yaml\n'),
      'base/a.yaml': p('packages: {nginx: {hold: true}}\n'),
    },
    'base/a.yaml:2:20 a package has no field "hold"',
  ],
  [
    'a base that is a script',
    { 'kiln.profile.yaml': p('extends: [a.sh]\n'), 'a.sh': '#!/bin/sh\necho\n' },
    'a.sh:1:1 the file is a script, which is no profile',
  ],
  [
    'dropping what was not inherited',
    {
      'kiln.profile.yaml': p('extends: a.yaml\npackages: {ngnix: !reset }\n'),
      'a.yaml': p('packages: [nginx]\n'),
    },
    '3:12 no base of this file has the package ngnix, so there is nothing to drop',
  ],
  ['a reset without a name', p('packages:\n  - !reset\n'), '3:11 "!reset" does not say what to forget'],
  [
    'a reset where nothing is inherited',
    p('users: {deploy: {shell: !reset /bin/sh}}\n'),
    '2:32 "!reset" has no meaning here',
  ],
  [
    'a parameter without a value',
    p('parameters: {token: {secret: true}}\n'),
    '2:14 the parameter "token" has no value',
  ],
  [
    'a parameter of an unknown type',
    p('parameters: {port: {type: int, default: 1}}\n'),
    '2:27 type: found "int", expected "string", "number", "boolean", "list" or "enum"',
  ],
  [
    'a parameter above its limit',
    p('parameters: {port: {default: 70000, max: 65535}}\n'),
    '2:30 the parameter "port": "70000" is above the most, 65535',
  ],
  [
    'a parameter of another type',
    p('parameters: {port: {type: number, default: http}}\n'),
    '2:44 the parameter "port": "http" is no number',
  ],
  [
    'a parameter that is none of its values',
    p('parameters: {size: {values: [small, large], default: smal}}\n'),
    '2:54 the parameter "size": "smal" is not one of its values',
  ],
  [
    'a parameter that does not match',
    p('parameters: {name: {pattern: "[a-z]+", default: A1}}\n'),
    '2:49 the parameter "name": "A1" does not match [a-z]+',
  ],
  [
    'a parameter called like a fact',
    p('parameters: {hostname: web}\n'),
    '2:14 a parameter cannot be called "hostname", which is a fact',
  ],
  [
    'a parameter of parameters',
    p('parameters: {a: x, b: "${a}y"}\n'),
    "2:24 a parameter's value cannot take other parameters",
  ],
  [
    'an unknown parameter',
    p('parameters: {greeting: hi}\nfiles:\n  /etc/motd: |\n    ${greting}\n'),
    '5:5 there is no parameter "greting"',
  ],
  [
    'a list in a text',
    p('parameters: {names: [a, b]}\nname: x ${names}\n'),
    '3:9 the parameter "names" is a list, which cannot be part of a text',
  ],
  [
    'a bad pattern',
    p('parameters: {a: {default: x, pattern: "["}}\n'),
    '2:39 pattern: "[" is not a regular expression',
  ],
  [
    'a fact that is not known',
    p('files: {/etc/cpus: "${cpus}"}\n'),
    '2:21 the fact "cpus" is not known where this profile is read',
  ],
];

refusals(wrong);
