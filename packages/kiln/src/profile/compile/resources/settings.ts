import { KilnError } from '../../../base/errors.ts';
import type { Config } from '../../../plan/profile.ts';
import type { CompileContext } from '../compile-context.ts';
import { command } from '../script-builder.ts';
import { fileLibrary } from '../shell/files.ts';
import { lineLibrary } from '../shell/lines.ts';
import { settingLibrary } from '../shell/settings.ts';
import { compileJobs } from './jobs.ts';
import { compileSwap } from './swap.ts';

/** The system's settings, each a resource of its own. @throws KilnError `unsupported` */
export async function compileSettings(config: Config, context: CompileContext): Promise<void> {
  for (const library of [fileLibrary, lineLibrary, settingLibrary]) context.script.use(library);
  const { hostname, timezone, locale, locales, keyboard } = config;
  const add = (name: string, commands: readonly string[]) =>
    void context.script.resource({ kind: 'setting', name }, commands);
  if (hostname !== undefined) {
    const { id, digest, size } = await context.contents.add({ kind: 'text', text: `${hostname}\n` });
    add('hostname', [command('hostname_is', hostname, id, digest, size)]);
  }
  if (timezone !== undefined) add('timezone', [command('timezone_is', timezone)]);
  if (locale !== undefined || locales.length > 0) {
    context.script.write(
      `locale_packages=${command(context.manager.name === 'apt' ? 'locales' : context.manager.name === 'dnf' ? 'glibc-langpack-…' : '')}`,
    );
  }
  for (const one of locales) add(`locale ${one}`, [command('locale_made', one)]);
  if (locale !== undefined) add('locale', [command('locale_is', locale)]);
  if (keyboard) {
    const { layout, variant = '', model = '' } = keyboard;
    add('keyboard', [command('keyboard_is', layout, variant, model)]);
  }
  compileKernel(config, add);
  compileLines(config, add);
  await compileDns(config, add, context);
  await compileJobs(config, context);
  await compileSwap(config, context);
}

type AddSetting = (name: string, commands: readonly string[]) => void;

/** Commands that change lines of a file, and write it back when one of them had to. */
function lineCommands(path: string, wanted: readonly string[]): string[] {
  return [`open_lines ${command(path)} && {`, ...wanted.map((one) => `  ${one}`), '  close_lines', '}'];
}

/** sysctl.d(5), modules-load.d(5), modprobe.d(5). A container has the kernel of somebody else. */
function compileKernel({ sysctl, modules }: Config, add: AddSetting): void {
  const settings = Object.entries(sysctl).map(
    ([key, value]) => [key, value.trim().replace(/\s+/g, ' ')] as const,
  );
  const live = (commands: readonly string[]) =>
    commands.length === 0
      ? []
      : [
          'if [ -z "$failure" ] && [ "$booted" = yes ] && [ "$container" = no ]; then',
          ...commands.map((one) => `  ${one}`),
          'fi',
        ];
  if (settings.length > 0) {
    const lines = settings.map(([key, value]) =>
      command('want_line', 'assignment', key, value, `${key} = ${value}`, key),
    );
    const now = settings
      .filter(([key]) => !key.includes('*'))
      .map(([key, value]) => `part ${command('kernel_value', key, sysctlPath(key), value)} || :`);
    add('sysctl', [...lineCommands('/etc/sysctl.d/99-kiln.conf', lines), ...live(now)]);
  }
  if (modules.load.length > 0) {
    const lines = modules.load.map((name) => command('want_line', 'line', name, 'yes', name, name));
    const now = modules.load.map((name) => `part ${command('module_loaded', name)} || :`);
    add('modules', [...lineCommands('/etc/modules-load.d/kiln.conf', lines), ...live(now)]);
  }
  if (modules.blacklist.length > 0) {
    const lines = modules.blacklist.map((name) =>
      command('want_line', 'line', `blacklist ${name}`, 'yes', `blacklist ${name}`, name),
    );
    add('blacklisted modules', lineCommands('/etc/modprobe.d/kiln.conf', lines));
  }
}

/** The first separator of a key decides whether dots or slashes part its names: sysctl.d(5). */
function sysctlPath(key: string): string {
  if (/[./]/.exec(key)?.[0] === '/') return key;
  return key.replace(/[./]/g, (one) => (one === '.' ? '/' : '.'));
}

function compileLines({ limits, environment, hosts }: Config, add: AddSetting): void {
  if (limits.length > 0) {
    const lines = limits.map(({ domain, type, item, value }) => {
      const key = `${domain} ${type} ${item}`;
      return command('want_line', 'limit', key, value, `${key} ${value}`, key);
    });
    add('limits', lineCommands('/etc/security/limits.d/99-kiln.conf', lines));
  }
  const variables = Object.entries(environment);
  if (variables.length > 0) {
    const lines = variables.map(([name, value]) =>
      command('want_line', 'assignment', name, value, environmentLine(name, value), name),
    );
    add('environment', lineCommands('/etc/environment', lines));
  }
  const addresses = Object.entries(hosts);
  if (addresses.length > 0) {
    const lines = addresses.map(([address, names]) => command('host_line', address, ...names));
    add('hosts', lineCommands('/etc/hosts', lines));
  }
}

/** pam_env(8) takes quotes around a value away, and what follows a "#" for a comment, whatever is around it. */
function environmentLine(name: string, value: string): string {
  if (/[\r\n#]/.test(value)) {
    throw new KilnError(
      'unsupported',
      `the variable ${name} cannot stand in /etc/environment: its value has ${value.includes('#') ? 'a "#"' : 'several lines'}`,
      { hint: 'set it in a file below /etc/profile.d under "files"' },
    );
  }
  return /^\s|\s$|^["']/.test(value) ? `${name}="${value}"` : `${name}=${value}`;
}

async function compileDns({ dns }: Config, add: AddSetting, { contents }: CompileContext): Promise<void> {
  if (!dns) return;
  const { servers, search } = dns;
  const texts = [
    `[Resolve]\n${servers.length > 0 ? `DNS=${servers.join(' ')}\n` : ''}${search.length > 0 ? `Domains=${search.join(' ')}\n` : ''}`,
    `${search.length > 0 ? `search ${search.join(' ')}\n` : ''}${servers.map((one) => `nameserver ${one}\n`).join('')}`,
  ];
  const words: (string | number)[] = [];
  for (const text of texts) {
    const { id, digest, size } = await contents.add({ kind: 'text', text });
    words.push(id, digest, size);
  }
  add('dns', [command('dns_is', ...words)]);
}
