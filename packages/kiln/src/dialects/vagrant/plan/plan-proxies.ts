import { shellQuote } from '../../../guests/shell-quote.ts';
import type { Provisioner } from '../../../plan/provisioner.ts';
import { isTruthy, mapOf, textOr } from '../finish/coerce.ts';
import type { Options } from '../vagrant-config.ts';
import type { Planning } from './planning.ts';
import { shellSteps } from './provisioners/shell.ts';

interface Proxies {
  readonly http: string | undefined;
  readonly https: string | undefined;
  readonly ftp: string | undefined;
  readonly none: string | undefined;
}

/** `config.proxy` of vagrant-proxyconf: https://github.com/tmatilai/vagrant-proxyconf#usage */
export function planProxies(planning: Planning): readonly Provisioner[] {
  const { machine, host } = planning;
  const section = (name: string): Options => machine.plugins[name]?.settings ?? {};
  const [settings, apt, environment] = [section('proxy'), section('apt_proxy'), section('env_proxy')];
  const value = (name: string, variable: string, ...sections: Readonly<Record<string, unknown>>[]) =>
    text(host.environment[variable]) ??
    sections.map((one) => text(one[name])).find((one) => one !== undefined);
  const general: Proxies = {
    http: value('http', 'VAGRANT_HTTP_PROXY', environment, settings),
    https: value('https', 'VAGRANT_HTTPS_PROXY', environment, settings),
    ftp: value('ftp', 'VAGRANT_FTP_PROXY', environment, settings),
    none: value('no_proxy', 'VAGRANT_NO_PROXY', environment, settings),
  };
  const packages: Proxies = {
    http: value('http', 'VAGRANT_APT_HTTP_PROXY', apt) ?? general.http,
    https: value('https', 'VAGRANT_APT_HTTPS_PROXY', apt) ?? general.https,
    ftp: value('ftp', 'VAGRANT_APT_FTP_PROXY', apt) ?? general.ftp,
    none: undefined,
  };
  const [forAll, forApt] = [isEnabled(settings['enabled'], 'env'), isEnabled(settings['enabled'], 'apt')];
  const script = [
    ...(forAll ? environmentScript(general) : []),
    ...(forApt ? aptScript(packages) : []),
    ...(isEnabled(settings['enabled'], 'yum') ? yumScript(general) : []),
  ];
  if (script.length === 0) return [];
  const shell = { inline: ['set -e', ...script].join('\n'), privileged: true, name: 'proxies' };
  return [
    {
      name: 'proxies',
      type: 'proxyconf',
      run: 'always',
      needsGuest: true,
      steps: shellSteps(shell, machine.at, planning),
      // Sessions that are open already do not know of the variables.
      reconnect: true,
      at: machine.at,
    },
  ];
}

function text(value: unknown): string | undefined {
  const found = textOr(value);
  return found === undefined || found === '' || value === false ? undefined : found;
}

/** `enabled` is true or false for all, or says it for single programs. */
function isEnabled(enabled: unknown, program: string): boolean {
  if (enabled === undefined || enabled === null) return true;
  if (typeof enabled !== 'object') return isTruthy(enabled) && enabled !== '';
  const own = mapOf(enabled)[program];
  return own === undefined || (isTruthy(own) && own !== '');
}

function environmentScript({ http, https, ftp, none }: Proxies): string[] {
  const variables = Object.entries({ http_proxy: http, https_proxy: https, ftp_proxy: ftp, no_proxy: none });
  const lines = variables.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`, `${name.toUpperCase()}=${value}`],
  );
  if (lines.length === 0) return [];
  const assignments = lines.map((line) => shellQuote(line)).join(' ');
  const exports = lines.map((line) => {
    const at = line.indexOf('=');
    return shellQuote(`export ${line.slice(0, at)}=${shellQuote(line.slice(at + 1))}`);
  });
  return [
    `printf '%s\\n' ${exports.join(' ')} >/etc/profile.d/proxy.sh`,
    'touch /etc/environment',
    `for line in ${assignments}; do sed -i "/^\${line%%=*}=/d" /etc/environment; printf '%s\\n' "$line" >>/etc/environment; done`,
  ];
}

function aptScript({ http, https, ftp }: Proxies): string[] {
  const lines = Object.entries({ http, https, ftp }).flatMap(([scheme, value]) =>
    value === undefined ? [] : [`Acquire::${scheme}::Proxy ${JSON.stringify(value)};`],
  );
  if (lines.length === 0) return [];
  return [
    `if [ -d /etc/apt/apt.conf.d ]; then printf '%s\\n' ${lines.map(shellQuote).join(' ')} >/etc/apt/apt.conf.d/01proxy; fi`,
  ];
}

function yumScript({ http }: Proxies): string[] {
  if (http === undefined) return [];
  return [
    `for file in /etc/yum.conf /etc/dnf/dnf.conf; do if [ -f "$file" ]; then sed -i '/^proxy=/d' "$file"; printf '%s\\n' ${shellQuote(`proxy=${http}`)} >>"$file"; fi; done`,
  ];
}
