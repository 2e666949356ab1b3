import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A Docker engine that is the test's own, with one small image that is made without a registry. */
export interface OwnEngine {
  /** Value of DOCKER_HOST. */
  readonly host: string;
  /** Name of an image with busybox in it. */
  readonly image: string;
  /** Folder that it is built from. */
  readonly context: string;
  close(): Promise<void>;
}

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Why no engine can be started here; false when one can. */
export const engineObstacle: string | false =
  process.getuid?.() !== 0
    ? 'only root can start a Docker engine'
    : ['docker', 'dockerd', 'busybox'].every(has)
      ? false
      : 'needs the Debian packages docker.io and busybox';

/** The network of the engine's containers; nothing else of this host has it. */
const bridge = '10.251.250.1/24';

/** Starts dockerd(8) in a folder of its own. @throws Error with its last words when it does not start */
export async function startOwnEngine(): Promise<OwnEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-engine-'));
  const host = `unix://${join(folder, 'socket')}`;
  const hadBridge = spawnSync('ip', ['link', 'show', 'docker0']).status === 0;
  const words: string[] = [];
  const child = spawn(
    'dockerd',
    [
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '--host', host],
      ...['--pidfile', join(folder, 'pid'), '--iptables=false', '--ip6tables=false'],
      ...(hadBridge ? [] : ['--bip', bridge]),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk.toString('utf8')));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
    if (!hadBridge) spawnSync('ip', ['link', 'delete', 'docker0']);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const docker = (...args: string[]) =>
      spawnSync('docker', args, { encoding: 'utf8', env: { ...process.env, DOCKER_HOST: host } });
    for (let tries = 0; docker('version').status !== 0; tries++) {
      if (child.exitCode !== null || tries > 150) throw new Error(words.join('').slice(-2000));
      await sleep(200);
    }
    const context = join(folder, 'context');
    writeContext(context);
    const image = 'kiln-test:busybox';
    const built = docker('build', '--quiet', '--tag', image, context);
    if (built.status !== 0) throw new Error(built.stderr);
    return { host, image, context, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The host's busybox, with the libraries that it is linked to, as they lie here. */
function writeContext(context: string): void {
  mkdirSync(join(context, 'lib'), { recursive: true });
  const program = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
  copyFileSync(program, join(context, 'busybox'));
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  const libraries = [...stdout.matchAll(/(?:=> )?(\/\S+) \(/g)].map((match) => match[1]!);
  for (const library of libraries) copyFileSync(library, join(context, 'lib', basename(library)));
  const copies = libraries.map((library) => `COPY lib/${basename(library)} ${library}`);
  const lines = [
    'FROM scratch',
    'COPY busybox /bin/busybox',
    ...copies,
    'RUN ["/bin/busybox", "--install", "-s", "/bin"]',
    'RUN mkdir -p /root /tmp /etc && echo root:x:0:0:root:/root:/bin/sh >/etc/passwd',
    'CMD ["sleep", "86400"]',
  ];
  writeFileSync(join(context, 'Dockerfile'), `${lines.join('\n')}\n`);
}
