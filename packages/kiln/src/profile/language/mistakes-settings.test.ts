import { p, refusals, type WrongProfile } from './testing.ts';

/** Mistakes of services, settings, scripts and conditions: what, the text (after "profile: 1"), and place and message of each. */
const wrong: readonly WrongProfile[] = [
  [
    'a service in an unknown state',
    p('services: {nginx: enable}\n'),
    '2:19 services.nginx: found "enable", expected "enabled", "disabled" or "masked"',
  ],
  [
    'a service that is masked and enabled',
    p('services: {nginx: {enabled: true, masked: true}}\n'),
    '2:43 nginx.service is masked, so it cannot be enabled',
  ],
  [
    'a service after an unknown file',
    p('files: {/etc/a.conf: x}\nservices: {a: {restart_on: /etc/a.cnf}}\n'),
    '3:28 a.service is to be restarted after /etc/a.cnf, which is no file of this profile',
  ],
  [
    'a unit that is none',
    p('services:\n  a:\n    unit: |\n      hello\n'),
    '4:11 this is no unit of systemd: it has no section',
  ],
  [
    'a service with a bad name',
    p('services: ["a b"]\n'),
    '2:12 entry 1 of services: "a b" cannot be the name of a service',
  ],
  [
    'an unknown time zone',
    p('config: {timezone: Europe/Lodnon}\n'),
    '2:20 timezone: there is no time zone "Europe/Lodnon"',
  ],
  [
    'a time zone in small letters',
    p('config: {timezone: europe/london}\n'),
    '2:20 timezone: there is no time zone "europe/london"',
  ],
  ['an unknown setting', p('config: {time_zone: UTC}\n'), '2:10 config has no field "time_zone"'],
  [
    'a bad host name',
    p('config: {hostname: web_1.}\n'),
    '2:20 hostname: found "web_1.", expected a host name such as "web-1"',
  ],
  ['a bad locale', p('config: {locale: english}\n'), '2:18 locale: "english" is not a locale'],
  [
    'a bad cron line',
    p('config:\n  cron:\n    backup: 61 * * * * root /bin/true\n'),
    '4:13 cron.backup: "61" cannot be the minute of a schedule',
  ],
  [
    'a cron line without a user',
    p('config: {cron: {backup: "@daily /bin/true"}}\n'),
    '2:25 cron.backup: "@daily /bin/true" is not a schedule, a user and a command',
  ],
  [
    'a bad schedule',
    p('config: {cron: {backup: {schedule: "* * * *", command: x}}}\n'),
    '2:36 schedule: "* * * *" has 4 fields, and a schedule has five',
  ],
  [
    'a cron job without a command',
    p('config: {cron: {backup: {schedule: "@daily"}}}\n'),
    '2:17 the cron job backup needs "command"',
  ],
  [
    'a bad calendar',
    p('config: {timers: {a: {calendar: sometimes, command: x}}}\n'),
    '2:33 calendar: "sometimes" is not a calendar expression of systemd',
  ],
  [
    'a bad limit',
    p('config: {limits: [deploy soft nofiles 1]}\n'),
    '2:19 limits: there is no limit "nofiles"',
  ],
  [
    'a bad setting of the kernel',
    p('config: {sysctl: {ip_forward: 1}}\n'),
    '2:19 "ip_forward" cannot be a setting of the kernel',
  ],
  ['names first in hosts', p('config: {hosts: {db: 192.0.2.1}}\n'), '2:18 hosts: "db" is not an IP address'],
  [
    'a name server by name',
    p('config: {dns: [dns.example.org]}\n'),
    '2:16 entry 1 of dns: "dns.example.org" is not an IP address',
  ],
  ['swap without a unit', p('config: {swap: 2048}\n'), '2:16 swap: "2048" has no unit'],
  [
    'an environment variable with a dash',
    p('config: {environment: {A-B: x}}\n'),
    '2:24 "A-B" cannot be an environment variable\'s name',
  ],
  [
    'a script at an unknown point',
    p('scripts: [{at: after-package, run: x}]\n'),
    '2:16 at: found "after-package", expected "first", "before-packages", "after-packages", "after-files", "last" or "first-boot"',
  ],
  [
    'a script that is empty',
    p('scripts: [{name: x}]\n'),
    '2:11 the script x has no text, and no base has one for it',
  ],
  [
    'a script twice',
    p('scripts: [{run: a, script: b.sh}]\n'),
    '2:28 a script has "run" or "script", not both',
  ],
  [
    'a script file that is missing',
    p('scripts: {last: {script: setup.sh}}\n'),
    '2:26 there is no file "setup.sh" in FOLDER',
  ],
  [
    'an unknown fact',
    p('packages: [{name: a, when: os.relase >= 12}]\n'),
    '2:28 when: there is no fact or parameter "os.relase"',
  ],
  [
    'an assignment in a condition',
    p('packages:\n  - name: a\n    when: os.distribution = debian\n'),
    '4:27 when: "=" is no comparison',
  ],
  [
    'a condition with an open bracket',
    p('packages: [{name: a, when: "(container or virtual"}]\n'),
    '2:50 when: a ")" is missing here',
  ],
  [
    'a fact without a comparison',
    p('packages: [{name: a, when: memory}]\n'),
    '2:28 when: memory is neither true nor false by itself',
  ],
  [
    'an order of texts',
    p('packages: [{name: a, when: "os.codename > bookworm"}]\n'),
    '2:41 when: os.codename has no order, so ">" has no meaning for it',
  ],
  [
    'an unknown architecture',
    p('packages: [{name: a, when: "architecture == x86_64"}]\n'),
    '2:45 when: architecture is never "x86_64"',
  ],
  [
    'a release by name',
    p('packages: [{name: a, when: "os.release == bookworm"}]\n'),
    '2:43 when: "bookworm" is no release',
  ],
  [
    'a condition with two mistakes',
    p('packages:\n  - {name: a, when: "cpus > many"}\n  - {name: b, when: "not"}\n'),
    '3:29 when: "many" is no number',
    '4:25 when: the condition ends here, and something is missing',
  ],
  [
    'a condition that is a list of wrong ones',
    p('packages:\n  - name: a\n    when:\n      - container\n      - vritual\n'),
    '6:9 when: there is no fact or parameter "vritual"',
  ],
  ['a binary', 'QFI\xfb\0\0', '1:1 the file is not text'],
  ['two documents', p('---\nprofile: 1\n'), '2:1 the file has more than one YAML document'],
];

refusals(wrong);
