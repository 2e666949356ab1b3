import { readCronJobs } from './cron-jobs.ts';
import type { InventorySettings } from './inventory.ts';
import { readKernelSettings } from './kernel-settings.ts';
import type { SettingFiles } from './setting-files.ts';
import type { Survey } from './survey.ts';
import { assignments, plainLines, textOf } from './text-lines.ts';

/** The settings of a system, from files that are not as packages brought them. */
export function readSettings(survey: Survey, sources: SettingFiles): InventorySettings {
  const hostname = plainLines(textOf(survey, '/etc/hostname'))[0];
  const timezone = readTimezone(survey);
  const locale = readLocale(survey);
  const keyboard = readKeyboard(survey);
  const dns = readDns(survey, sources);
  return {
    ...(hostname === undefined ? {} : { hostname }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(locale === undefined ? {} : { locale }),
    locales: plainLines(textOf(survey, '/etc/locale.gen')).map((line) => line.split(/\s+/)[0]!),
    ...(keyboard === undefined ? {} : { keyboard }),
    ...readKernelSettings(sources),
    limits: readLimits(sources),
    environment: Object.fromEntries(assignments(textOf(survey, '/etc/environment'))),
    hosts: readHosts(textOf(survey, '/etc/hosts'), hostname),
    ...(dns === undefined ? {} : { dns }),
    cron: readCronJobs(survey, sources),
    swap: readSwap(survey),
    files: sources.whole(),
  };
}

function readTimezone(survey: Survey): string | undefined {
  const target = survey.entries.get('/etc/localtime')?.target;
  const linked = target === undefined ? undefined : /\/zoneinfo\/(.+)$/.exec(target)?.[1];
  return linked ?? plainLines(textOf(survey, '/etc/timezone'))[0];
}

function readLocale(survey: Survey): string | undefined {
  const values = ['/etc/locale.conf', '/etc/default/locale'].map((path) =>
    assignments(textOf(survey, path)).get('LANG'),
  );
  return values.find((value) => value !== undefined && value !== '');
}

/** keyboard(5); elsewhere vconsole.conf(5). */
function readKeyboard(survey: Survey): InventorySettings['keyboard'] {
  const debian = assignments(textOf(survey, '/etc/default/keyboard'));
  const layout = debian.get('XKBLAYOUT') || assignments(textOf(survey, '/etc/vconsole.conf')).get('KEYMAP');
  if (!layout) return undefined;
  const [variant, model] = [debian.get('XKBVARIANT'), debian.get('XKBMODEL')];
  return { layout, ...(variant && { variant }), ...(model && model !== 'pc105' && { model }) };
}

/** Names that every system has for itself. */
const ownAddresses = /^(?:127\.|::1$|fe00::|ff0[02]::)/;

function readHosts(text: string | undefined, hostname: string | undefined): Record<string, string[]> {
  const hosts: Record<string, string[]> = {};
  for (const line of plainLines(text)) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (address === undefined || names.length === 0) continue;
    const own = ownAddresses.test(address);
    const ordinary = new Set(['localhost', 'localhost.localdomain', hostname, hostname?.split('.')[0]]);
    const told = own
      ? names.filter((name) => !ordinary.has(name) && !/^ip6-/.test(name) && !isOwnName(name, hostname))
      : names;
    if (told.length > 0) hosts[address] = [...(hosts[address] ?? []), ...told];
  }
  return hosts;
}

/** `web.example.org` on the machine `web`. */
function isOwnName(name: string, hostname: string | undefined): boolean {
  return hostname !== undefined && name.startsWith(`${hostname.split('.')[0]}.`);
}

/** Servers that somebody has set: resolved.conf(5). What is in resolv.conf comes from the network nearly everywhere. */
function readDns(survey: Survey, sources: SettingFiles): InventorySettings['dns'] {
  const values = { DNS: [] as string[], Domains: [] as string[] };
  const files = ['/etc/systemd/resolved.conf', ...sources.in('/etc/systemd/resolved.conf.d', '.conf')];
  for (const path of files) {
    const known = assignments(textOf(survey, path));
    for (const key of ['DNS', 'Domains'] as const) {
      const value = known.get(key);
      if (value !== undefined) values[key] = value.split(/\s+/).filter((one) => one !== '');
    }
    const keys = [...known.keys()];
    if (keys.some((key) => key in values))
      sources.took(
        'dns',
        path,
        keys.every((key) => key in values),
      );
  }
  if (values.DNS.length === 0 && values.Domains.length === 0) return undefined;
  return { servers: values.DNS, search: values.Domains };
}

/** limits.conf(5). */
function readLimits(sources: SettingFiles): InventorySettings['limits'] {
  const paths = ['/etc/security/limits.conf', ...sources.in('/etc/security/limits.d', '.conf')];
  return paths.flatMap((path) => {
    const lines = sources.lines(path);
    if (!lines) return [];
    const limits = lines.map((line) =>
      /^(\S+)\s+(soft|hard|-)\s+(\S+)\s+(\S+)$/.exec(line.replace(/\s+#.*$/, '')),
    );
    sources.took(
      'limits',
      path,
      limits.every((match) => match !== null),
    );
    return limits.flatMap((match) =>
      match
        ? [{ domain: match[1]!, type: match[2] as 'soft' | 'hard' | '-', item: match[3]!, value: match[4]! }]
        : [],
    );
  });
}

/** fstab(5). Swap on partitions belongs to the machine's disks. */
function readSwap(survey: Survey): InventorySettings['swap'] {
  return plainLines(textOf(survey, '/etc/fstab')).flatMap((line) => {
    const [path, , type] = line.split(/\s+/);
    if (type !== 'swap' || !path?.startsWith('/') || path.startsWith('/dev/')) return [];
    const size = survey.entries.get(path)?.size;
    return [{ path, ...(size === undefined ? {} : { size }) }];
  });
}
