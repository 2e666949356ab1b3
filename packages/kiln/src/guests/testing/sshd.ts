import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signalQuietly } from '../../base/processes.ts';
import { createTemporaryKey, type KeyPair } from '../temporary-key.ts';

export interface SshdOptions {
  /** Further lines of sshd_config; the first mention of an option counts. */
  readonly config?: readonly string[];
  /** Password of the user; only with `passwordsWork()`. */
  readonly password?: string;
  /** A port to listen on again, as after a reboot. */
  readonly port?: number;
  /** Keys and host keys of an earlier server. */
  readonly like?: TestSshd;
  /** Folder that stands first in the sessions' PATH. */
  readonly path?: string;
}

/** A real OpenSSH server on 127.0.0.1 that lets the current user in with `key`. */
export interface TestSshd {
  readonly port: number;
  readonly username: string;
  readonly key: KeyPair;
  readonly hostKey: KeyPair;
  readonly pid: number;
  /** Ends the server with every session, as a reboot does. */
  kill(): Promise<void>;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

/**
 * Starts a server of the host's own `sshd`. Where that is not installed, the binary is taken out of Debian's
 * package without installing it: that would start a server on the developer's machine.
 */
export async function startSshd(options: SshdOptions = {}): Promise<TestSshd> {
  const binary = await findSshd();
  const username = userInfo().username;
  const folder = await mkdtemp(join(tmpdir(), 'kiln-sshd-'));
  const key = options.like?.key ?? (await createTemporaryKey({ type: 'ed25519' }));
  const hostKey = options.like?.hostKey ?? (await createTemporaryKey({ type: 'ed25519' }));
  const port = options.port ?? (await freePort());
  const file = (name: string) => join(folder, name);
  await writeFile(file('authorized_keys'), `${key.publicKey}\n`, { mode: 0o600 });
  await writeFile(file('host_key'), hostKey.privateKey, { mode: 0o600 });
  await writeFile(
    file('config'),
    [
      ...(options.config ?? []),
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${file('host_key')}`,
      `AuthorizedKeysFile ${file('authorized_keys')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      `PasswordAuthentication ${options.password === undefined ? 'no' : 'yes'}`,
      'KbdInteractiveAuthentication no',
      'MaxStartups 100:30:200',
      ...(options.config?.some((line) => line.startsWith('Subsystem'))
        ? []
        : ['Subsystem sftp internal-sftp']),
      ...(options.path ? [`SetEnv PATH=${options.path}`] : []),
      '',
    ].join('\n'),
  );
  const server = await spawnSshd(binary, folder, username, options.password);
  try {
    await untilListening(port, server, file('log'));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((done) => server.once('close', done));
    for (const pid of [...(await descendants(server.pid!)), server.pid!]) signalQuietly(pid, 'SIGKILL');
    await gone;
  };
  return {
    port,
    username,
    key,
    hostKey,
    pid: server.pid!,
    kill,
    stop: async () => {
      await kill();
      for (const pid of await processesAtHome(join(folder, 'home'))) signalQuietly(pid, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a session that was killed has left running belongs to nobody any more; its environment tells it. */
async function processesAtHome(home: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(`HOME=${home}`)) found.push(Number(name));
  }
  return found;
}

/** The program that serves SFTP, for sessions that need it as a command. */
export async function sftpServer(): Promise<string> {
  const beside = resolve(await findSshd(), '..', '..', 'lib', 'openssh', 'sftp-server');
  return ['/usr/lib/openssh/sftp-server', beside].find((path) => existsSync(path)) ?? 'sftp-server';
}

/** Whether a server can be given a password: that takes root and a mount namespace to put one into. */
export function passwordsWork(): boolean {
  return userInfo().uid === 0 && namespacesWork();
}

/** Whether sessions can have a terminal: without root, sshd needs one that belongs to its group from the start. */
export function terminalsWork(): boolean {
  return userInfo().uid === 0 || / devpts [^ ]*gid=/.test(readFileSync('/proc/mounts', 'utf8'));
}

async function spawnSshd(
  binary: string,
  folder: string,
  username: string,
  password: string | undefined,
): Promise<ChildProcess> {
  const args = ['-D', '-e', '-f', join(folder, 'config'), '-E', join(folder, 'log')];
  // As root, sshd wants a user and a folder of its own for its unprivileged half. They exist only for this one
  // process: its mount namespace has another /etc/passwd and /run.
  const needsNamespace =
    userInfo().uid === 0 && (password !== undefined || !existsSync('/run/sshd') || !(await hasUser('sshd')));
  // Every session closes all possible files one by one, which takes long where a million are allowed.
  const few = `ulimit -n 1024; LD_LIBRARY_PATH='${librariesBeside(binary)}' exec "$@"`;
  if (!needsNamespace)
    return spawn('sh', ['-c', few, 'sh', binary, ...args], { stdio: 'ignore', detached: true });
  if (!namespacesWork())
    throw new Error('testing as root needs either an installed sshd or mount namespaces');
  const home = join(folder, 'home');
  await mkdir(home);
  const passwd = (await readFile('/etc/passwd', 'utf8'))
    .replace(/^sshd:.*\n/m, '')
    // A home of its own keeps the developer's start-up files and the tests apart.
    .replace(new RegExp(`^(${username}:.*):[^:]*:([^:]*)$`, 'm'), `$1:${home}:$2`);
  await writeFile(join(folder, 'passwd'), `${passwd}sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n`);
  const shadow = (await readFile('/etc/shadow', 'utf8')).split('\n');
  const hash = password === undefined ? '*' : hashPassword(password);
  const lines = shadow.map((line) =>
    line.startsWith(`${username}:`) ? `${username}:${hash}:19000:0:99999:7:::` : line,
  );
  await writeFile(join(folder, 'shadow'), lines.join('\n'), { mode: 0o600 });
  const script =
    'cd "$1" && mount --bind passwd /etc/passwd && mount --bind shadow /etc/shadow && mount -t tmpfs none /run && ' +
    `mkdir -p /run/sshd && shift && ${few}`;
  return spawn(
    'unshare',
    ['-m', '--propagation', 'private', 'sh', '-c', script, 'sh', folder, binary, ...args],
    {
      stdio: 'ignore',
      detached: true,
    },
  );
}

let namespaces: boolean | undefined;

function namespacesWork(): boolean {
  if (namespaces === undefined) {
    try {
      execFileSync('unshare', ['-m', '--propagation', 'private', 'true'], { stdio: 'ignore' });
      namespaces = true;
    } catch {
      namespaces = false;
    }
  }
  return namespaces;
}

function hashPassword(password: string): string {
  return execFileSync('openssl', ['passwd', '-6', '-stdin'], {
    input: `${password}\n`,
    encoding: 'utf8',
  }).trim();
}

async function hasUser(name: string): Promise<boolean> {
  return new RegExp(`^${name}:`, 'm').test(await readFile('/etc/passwd', 'utf8'));
}

async function findSshd(): Promise<string> {
  for (const path of ['/usr/sbin/sshd', '/usr/local/sbin/sshd']) if (existsSync(path)) return path;
  const cache = join(repositoryRoot(), 'node_modules', '.cache', 'kiln-test-sshd');
  const binary = join(cache, 'root', 'usr', 'sbin', 'sshd');
  if (existsSync(binary)) return binary;
  await mkdir(dirname(cache), { recursive: true });
  // Test files run at once: each unpacks for itself, the first to finish puts its result in place.
  const own = await mkdtemp(`${cache}-`);
  try {
    // apt fetches as the user _apt where it can.
    await chmod(own, 0o777);
    execFileSync('apt-get', ['download', ...packagesToInstall('openssh-server')], {
      cwd: own,
      stdio: 'pipe',
    });
    for (const name of (await readdir(own)).filter((entry) => entry.endsWith('.deb')))
      execFileSync('dpkg', ['-x', join(own, name), join(own, 'root')], { stdio: 'pipe' });
    await rename(own, cache).catch(async (error: unknown) => {
      if (!existsSync(binary)) throw error;
    });
  } finally {
    await rm(own, { recursive: true, force: true });
  }
  return binary;
}

/** What apt would install for a package on this host: the package and the libraries that it lacks here. */
function packagesToInstall(name: string): string[] {
  const words = ['-s', '-q', 'install', '--no-install-recommends', name];
  const plan = execFileSync('apt-get', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]!);
}

/** Where an unpacked sshd finds the libraries that were unpacked with it. */
function librariesBeside(binary: string): string {
  const root = resolve(dirname(binary), '..', '..');
  return globSync(['lib/*-linux-*', 'usr/lib/*-linux-*'], { cwd: root })
    .map((folder) => join(root, folder))
    .join(':');
}

function repositoryRoot(): string {
  return resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..', '..');
}

/** A folder with only these programs of the host, for a machine that lacks all others. Removed at the end of the process. */
export async function linkPrograms(names: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-programs-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const name of names) {
    const path = ['/usr/bin', '/bin'].map((place) => join(place, name)).find((one) => existsSync(one));
    if (!path) throw new Error(`this test needs the program ${name}`);
    await symlink(path, join(folder, name));
  }
  return folder;
}

/** Everything that a process has started, and what that has started: sshd's sessions leave its process group. */
export async function descendants(pid: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // Field 4 of proc(5)'s stat, counted from behind the name, which may hold spaces.
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const found: number[] = [];
  const visit = (parent: number) => {
    for (const [child, itsParent] of parents) {
      if (itsParent !== parent) continue;
      found.push(child);
      visit(child);
    }
  };
  visit(pid);
  return found;
}

/** A port that nothing listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function untilListening(port: number, server: ChildProcess, log: string): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    if (server.exitCode !== null) break;
    if (await accepts(port)) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  if (server.exitCode === null && server.pid) signalQuietly(server.pid, 'SIGKILL');
  throw new Error(`sshd did not start: ${await readFile(log, 'utf8').catch(() => 'it has written no log')}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
