import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import { acquireLock } from '../../base/locks.ts';
import { portPath } from './agent-ports.ts';
import { slotScript, slotsOf } from './agent-script.ts';
import type { AgentSite } from './agent-session.ts';

/** The slot that tests use; all others look taken. */
const slot = 0;

/**
 * The agent's slot, run by the host's own `sh`. What QEMU does for ports of a machine is done here: each connection of
 * the host is one of the guest's. The real agent keeps its ports open; here every session has a shell of its own.
 */
export async function startSlot(t: TestContext): Promise<AgentSite> {
  const site = await emptySite(t);
  const { folder } = site;
  const bell = portPath(folder, slot, 'b');
  const input = join(folder, 'input');
  execFileSync('mkfifo', [bell, input]);
  // As QEMU does, so that it can be rung at any time.
  const holder = spawn('sh', ['-c', 'exec sleep 1000 <>"$0"', bell], { stdio: 'ignore' });
  t.after(() => holder.kill());
  const script = join(folder, 'slot.sh');
  writeFileSync(
    script,
    `${slotScript}
case $1 in program) i=$2; program; exit ;; esac
exec 9<>"$1"
i=$2 new_session="setsid sh $0 program $2"
session
`,
  );
  let isOver = false;
  t.after(() => {
    isOver = true;
    // A slot's next program has a session of its own, and waits for the bell.
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (commandLineOf(pid).includes(script)) process.kill(Number(pid), 'SIGKILL');
    }
  });
  const startShell = () => {
    const child = spawn('sh', [script, bell, input], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, SHELL: '/bin/sh', HOME: folder },
      cwd: folder,
      detached: true,
    });
    t.after(() => {
      killGroup(child.pid!);
      for (const stream of [child.stdio[3], child.stdio[4]]) stream!.destroy();
    });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    for (const stream of [child.stdio[3], child.stdio[4]]) stream!.on('error', () => {});
    return { output: child.stdio[3] as Duplex, complaints: child.stdio[4] as Duplex, ended };
  };
  let shell = Promise.resolve(startShell());
  await listen(t, portPath(folder, slot, 'o'), async (socket) => {
    const { output, ended } = await shell;
    socket.pipe(output);
    output.pipe(socket);
    socket.once('close', () => {
      output.end();
      const last = shell;
      if (!isOver) shell = ended.then(() => (isOver ? last : startShell()));
    });
  });
  await listen(t, portPath(folder, slot, 'e'), async (socket) => {
    (await shell).complaints.pipe(socket);
  });
  await listen(t, portPath(folder, slot, 'i'), (socket) => {
    // A program, since opening a FIFO waits for the other side, and nobody could call that off.
    const writer = spawn('sh', ['-c', 'exec cat >"$0"', input], { stdio: ['pipe', 'ignore', 'ignore'] });
    t.after(() => writer.kill());
    writer.once('exit', () => socket.destroy());
    socket.pipe(writer.stdin.on('error', () => {}));
  });
  return { ...site, isThere: async () => true };
}

/** A machine that has the ports, with whoever in it. It hears the bell as an agent would. */
export async function startImpostor(
  t: TestContext,
  behave: (ports: { readonly output: Socket; readonly complaints: Socket }, token: string) => void,
): Promise<AgentSite> {
  const site = await emptySite(t);
  const bell = portPath(site.folder, slot, 'b');
  execFileSync('mkfifo', [bell]);
  const ears = spawn(
    'sh',
    ['-c', 'exec 9<>"$0"; echo; while read -r token <&9; do echo "$token"; done', bell],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  t.after(() => ears.kill());
  const connected: { output?: Socket; complaints?: Socket } = {};
  await listen(t, portPath(site.folder, slot, 'o'), (socket) => {
    connected.output = socket;
  });
  await listen(t, portPath(site.folder, slot, 'e'), (socket) => {
    connected.complaints = socket;
  });
  await once(ears.stdout, 'data');
  ears.stdout.on('data', (chunk: Buffer) => {
    const { output, complaints } = connected;
    if (output && complaints) behave({ output, complaints }, chunk.toString().trim());
  });
  return site;
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

async function emptySite(t: TestContext): Promise<AgentSite> {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-agent-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const other of [...slotsOf.login, ...slotsOf.root].filter((one) => one !== slot)) {
    await acquireLock(`${portPath(folder, other, 'o')}.lock`, { what: 'another slot' });
  }
  return { folder };
}

async function listen(
  t: TestContext,
  path: string,
  onConnection: (socket: Socket) => unknown,
): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.once('end', () => socket.end());
    onConnection(socket);
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return server;
}
