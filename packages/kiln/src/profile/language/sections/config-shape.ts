import { hostName } from '../../../base/yaml/notations.ts';
import {
  choice,
  type Infer,
  named,
  notation,
  oneOf,
  onOff,
  openList,
  optional,
  record,
  required,
  resettable,
  scriptText,
} from '../../../base/yaml/shape.ts';
import { calendar } from '../notations/calendar.ts';
import { cronLine, cronSchedule } from '../notations/cron-schedule.ts';
import { entryKey, userName } from '../notations/names.ts';
import { machinePath } from '../notations/paths.ts';
import {
  addressKey,
  environmentKey,
  ipAddress,
  kernelModule,
  keyboardWord,
  locale,
  oneLine,
  swapSize,
  sysctlKey,
  timeZone,
} from '../notations/settings.ts';

const keyboard = oneOf(
  keyboardWord,
  record(
    'a keyboard',
    {
      layout: required(keyboardWord, 'The layout.', { examples: ['gb'] }),
      variant: optional(keyboardWord, 'Its variant.', { examples: ['nodeadkeys'] }),
      model: optional(keyboardWord, 'The model of the keyboard.', { byDefault: 'pc105' }),
    },
    { synonyms: { layouts: 'layout', xkblayout: 'layout' } },
  ),
);

const modules = oneOf(
  openList(resettable(kernelModule)),
  record(
    'modules',
    {
      load: optional(openList(resettable(kernelModule)), 'Modules that are loaded at every start.', {
        examples: [['br_netfilter']],
      }),
      blacklist: optional(
        openList(resettable(kernelModule)),
        'Modules that are never loaded by themselves.',
        {
          examples: [['pcspkr']],
        },
      ),
    },
    { synonyms: { blocklist: 'blacklist', block: 'blacklist' } },
  ),
);

const limitLine = notation<readonly [string, string, string, string]>({
  expected: 'a line of limits.conf such as "deploy soft nofile 65536"',
  pattern: '^\\S+\\s+\\S+\\s+\\S+\\s+\\S+$',
  allowsNumber: false,
  parse: (text) => {
    const [domain, type, item, value, ...rest] = text.trim().split(/\s+/);
    return value === undefined || rest.length > 0 ? undefined : [domain!, type!, item!, value];
  },
});
const limit = record('a limit', {
  domain: required(oneLine, 'A user, @group, or * for all.', { examples: ['deploy'] }),
  type: optional(oneLine, 'soft, hard, or - for both.', { byDefault: '"-"' }),
  item: required(oneLine, 'What is limited.', { examples: ['nofile'] }),
  value: required(oneLine, 'A number, or unlimited.', { examples: [65536] }),
});

const dns = oneOf(
  openList(ipAddress),
  record(
    'dns',
    {
      servers: optional(openList(ipAddress), 'Addresses of name servers.', { examples: [['192.0.2.53']] }),
      search: optional(openList(hostName), 'Domains in which short names are looked for.', {
        examples: [['example.org']],
      }),
    },
    { synonyms: { nameservers: 'servers', domains: 'search' } },
  ),
);

const cron = oneOf(
  cronLine,
  record(
    'a cron job',
    {
      schedule: optional(
        cronSchedule,
        'When: minute, hour, day of the month, month, day of the week; or @daily and its like.',
        {
          examples: ['30 3 * * *'],
        },
      ),
      user: optional(userName, 'Who runs it.', { byDefault: 'root' }),
      command: optional(scriptText, 'What to run; one line.', { examples: ['/usr/local/bin/backup'] }),
      absent: optional(onOff, 'Remove it.', { byDefault: 'false' }),
    },
    { synonyms: { when: 'schedule', time: 'schedule', job: 'command', run: 'command', state: 'absent' } },
  ),
);

const timer = record(
  'a timer',
  {
    calendar: optional(calendar, 'When, as in man systemd.time.', { examples: ['daily', 'Mon..Fri 03:30'] }),
    command: optional(scriptText, 'What to run; a line of the shell.', {
      examples: ['/usr/local/bin/backup'],
    }),
    user: optional(userName, 'Who runs it.', { byDefault: 'root' }),
    persistent: optional(onOff, 'Make up for what was missed while the machine was off.', {
      byDefault: 'true',
    }),
    absent: optional(onOff, 'Remove it.', { byDefault: 'false' }),
  },
  {
    synonyms: {
      on_calendar: 'calendar',
      OnCalendar: 'calendar',
      schedule: 'calendar',
      run: 'command',
      state: 'absent',
    },
  },
);

const swap = oneOf(
  swapSize,
  record(
    'swap',
    {
      size: required(swapSize, 'Its size, or none.', { examples: ['2G'] }),
      path: optional(machinePath, 'The file.', { byDefault: '/swapfile' }),
    },
    { synonyms: { filename: 'path', file: 'path' } },
  ),
);

const hostNames = oneOf(hostName, openList(hostName));

/** The section `config`. Every member may be forgotten with `!reset`, and so may entries of its mappings. */
export const configShape = record(
  'config',
  {
    hostname: optional(resettable(hostName), 'The host name.', { examples: ['web-1'] }),
    timezone: optional(resettable(timeZone), 'The time zone.', { examples: ['Europe/London'] }),
    locale: optional(resettable(locale), 'The language of messages, dates and sorting.', {
      examples: ['en_GB.UTF-8'],
    }),
    locales: optional(resettable(openList(resettable(locale))), 'Further locales to have.', {
      examples: [['de_DE.UTF-8']],
    }),
    keyboard: optional(
      resettable(keyboard),
      'The keyboard of the console: a layout, or layout, variant and model.',
      {
        examples: ['gb'],
      },
    ),
    sysctl: optional(resettable(named(sysctlKey, resettable(oneLine))), 'Settings of the kernel, by name.', {
      examples: [{ 'net.ipv4.ip_forward': 1 }],
    }),
    modules: optional(resettable(modules), 'Kernel modules to load, or to load and to blacklist.', {
      examples: [['br_netfilter']],
    }),
    limits: optional(
      resettable(openList(resettable(oneOf(limitLine, limit)))),
      'Limits of users, as in limits.conf.',
      {
        examples: [['deploy soft nofile 65536']],
      },
    ),
    environment: optional(
      resettable(named(environmentKey, resettable(oneLine))),
      'Variables of /etc/environment.',
      {
        examples: [{ EDITOR: 'vim' }],
      },
    ),
    hosts: optional(
      resettable(named(addressKey, resettable(hostNames))),
      'Names by address, for /etc/hosts.',
      {
        examples: [{ '192.0.2.10': ['db', 'db.example.org'] }],
      },
    ),
    dns: optional(resettable(dns), 'Name servers, or servers and search domains.', {
      examples: [['192.0.2.53']],
    }),
    cron: optional(
      resettable(named({ what: "a cron job's name", ...entryKey }, resettable(cron))),
      'Cron jobs by name, each a file in /etc/cron.d: a line, or fields.',
      {
        examples: [{ backup: '30 3 * * * root /usr/local/bin/backup' }],
      },
    ),
    timers: optional(
      resettable(named({ what: "a timer's name", ...entryKey }, resettable(oneOf(choice('absent'), timer)))),
      'Timers of systemd by name.',
      {
        examples: [{ backup: { calendar: 'daily', command: '/usr/local/bin/backup' } }],
      },
    ),
    swap: optional(resettable(swap), 'A swap file: its size, none, or size and path.', { examples: ['2G'] }),
  },
  {
    synonyms: {
      host: 'hostname',
      fqdn: 'hostname',
      tz: 'timezone',
      time_zone: 'timezone',
      lang: 'locale',
      language: 'locale',
      env: 'environment',
      kernel_modules: 'modules',
      ulimits: 'limits',
      extra_hosts: 'hosts',
      resolv_conf: 'dns',
      nameservers: 'dns',
      crontab: 'cron',
      crons: 'cron',
      timer: 'timers',
    },
  },
);

export type ConfigEntry = Infer<typeof configShape>;
