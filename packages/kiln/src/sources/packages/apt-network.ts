import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { run } from '../../base/processes.ts';
import { hostAptFolder, hostAptOptions } from '../bootstrap/mirror.ts';
import { HttpAgents } from '../http-agents.ts';

export interface AptNetworkOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Connections to one server at a time. */
  readonly connections: number;
  readonly aptFolder?: string;
}

/**
 * How this host's apt reaches servers, for downloads of our own: proxies and certificates of apt.conf(5), logins of
 * apt_auth.conf(5). Without such settings the environment's proxies count, as for apt.
 */
export class AptNetwork {
  readonly #settings: ReadonlyMap<string, string>;
  readonly #logins: readonly Login[];
  readonly #options: AptNetworkOptions;
  readonly #agents = new Map<string, Promise<HttpAgents>>();
  readonly #detected = new Map<string, Promise<string | undefined>>();

  private constructor(
    settings: ReadonlyMap<string, string>,
    logins: readonly Login[],
    options: AptNetworkOptions,
  ) {
    this.#settings = settings;
    this.#logins = logins;
    this.#options = options;
  }

  static async open(options: AptNetworkOptions): Promise<AptNetwork> {
    const lines = await hostAptOptions(options.signal);
    const settings = new Map<string, string>();
    for (const line of lines) {
      const match = /^(\S+) "(.*)";$/.exec(line);
      if (match) settings.set(match[1]!.toLowerCase(), match[2]!);
    }
    return new AptNetwork(settings, await readLogins(options.aptFolder ?? (await hostAptFolder())), options);
  }

  /** Connections that go the way that apt would go to this server. */
  async agentsFor(url: URL): Promise<HttpAgents> {
    const proxy = await this.#proxyFor(url);
    const known = this.#agents.get(proxy ?? '');
    if (known) return known;
    const { env, connections } = this.#options;
    const authorities = this.#settings.get('acquire::https::cainfo');
    const made = HttpAgents.open({
      env: proxy === undefined ? env : proxy === 'DIRECT' ? {} : { http_proxy: proxy, https_proxy: proxy },
      connections,
      ...(authorities && { authorities }),
    });
    this.#agents.set(proxy ?? '', made);
    return made;
  }

  /** The URL with the login that apt has for it. One that stands in the URL wins. */
  withLogin(url: URL): URL {
    if (url.username) return url;
    const login = this.#logins.find((one) => fits(one, url));
    if (!login) return url;
    const whole = new URL(url);
    whole.username = encodeURIComponent(login.user);
    whole.password = encodeURIComponent(login.password);
    return whole;
  }

  async close(): Promise<void> {
    for (const agents of this.#agents.values()) (await agents).close();
  }

  /** `DIRECT` for none; undefined where apt leaves it to the environment. */
  async #proxyFor({ protocol, hostname, href }: URL): Promise<string | undefined> {
    const schemes = protocol === 'https:' ? ['https', 'http'] : ['http'];
    for (const scheme of schemes) {
      const own = this.#settings.get(`acquire::${scheme}::proxy::${hostname}`);
      if (own) return own;
    }
    for (const scheme of schemes) {
      const command = this.#settings.get(`acquire::${scheme}::proxy-auto-detect`);
      const detected = command && (await this.#detect(command, href, hostname));
      if (detected) return detected;
    }
    for (const scheme of schemes) {
      const general = this.#settings.get(`acquire::${scheme}::proxy`);
      if (general) return general;
    }
    return undefined;
  }

  /** The program prints a proxy, `DIRECT`, or nothing when it has no opinion. */
  #detect(command: string, href: string, hostname: string): Promise<string | undefined> {
    const known = this.#detected.get(hostname);
    if (known) return known;
    const asked = run(command, [href], { signal: this.#options.signal }).then(
      ({ code, stdout }) => (code === 0 && stdout.trim() ? stdout.trim().split('\n')[0] : undefined),
      () => undefined,
    );
    this.#detected.set(hostname, asked);
    return asked;
  }
}

interface Login {
  /** `host[:port][/path]`, with a scheme in front where one was given. */
  readonly machine: string;
  readonly user: string;
  readonly password: string;
}

/** A login counts for https, and for others only where its entry names the scheme. */
function fits({ machine }: Login, url: URL): boolean {
  const [, scheme, rest] = /^(?:([a-z+]+):\/\/)?(.*)$/.exec(machine)!;
  if (scheme ? `${scheme}:` !== url.protocol : url.protocol !== 'https:') return false;
  const slash = rest!.indexOf('/');
  const host = slash < 0 ? rest! : rest!.slice(0, slash);
  if (host !== url.host && host !== url.hostname) return false;
  return slash < 0 || url.pathname.startsWith(rest!.slice(slash));
}

async function readLogins(aptFolder: string): Promise<Login[]> {
  const parts = join(aptFolder, 'auth.conf.d');
  const paths = [join(aptFolder, 'auth.conf')];
  for (const name of (await quietly(() => readdir(parts), [])).sort())
    if (name.endsWith('.conf')) paths.push(join(parts, name));
  const logins: Login[] = [];
  for (const path of paths) logins.push(...parseLogins(await quietly(() => readFile(path, 'utf8'), '')));
  return logins;
}

/** The netrc format: pairs of words, entries begin with `machine`. */
function parseLogins(text: string): Login[] {
  const words = text.replace(/^\s*#.*$/gm, '').split(/\s+/);
  const found: Record<string, string>[] = [];
  for (let at = 0; at + 1 < words.length; at++) {
    if (words[at] === 'machine') found.push({});
    if (['machine', 'login', 'password'].includes(words[at]!) && found.length > 0)
      found.at(-1)![words[at]!] = words[++at]!;
  }
  return found.flatMap(({ machine, login, password }) =>
    machine && login ? [{ machine, user: login, password: password ?? '' }] : [],
  );
}

async function quietly<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES', 'ENOTDIR')) return otherwise;
    throw error;
  }
}
