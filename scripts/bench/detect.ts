import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectSsh } from '../../packages/kiln/src/guests/connect-ssh.ts';
import type { Guest } from '../../packages/kiln/src/guests/guest.ts';
import { openTcp } from '../../packages/kiln/src/guests/socks5.ts';
import { findSshServer } from '../../packages/kiln/src/guests/ssh-server-search.ts';
import { createTemporaryKey } from '../../packages/kiln/src/guests/temporary-key.ts';
import { createOverlay } from '../../packages/kiln/src/hosts/qemu/disks.ts';
import { bootstrapImage } from '../../packages/kiln/src/hosts/rootfs/bootstrap-image.ts';
import { type MachineRecord, machineFiles } from '../../packages/kiln/src/machines/machine-record.ts';
import { startQemu, writeKeyPair } from '../../packages/kiln/src/machines/start-machine.ts';
import { sshDefaults } from '../../packages/kiln/src/plan/communicator.ts';
import { createImageResolver } from '../../packages/kiln/src/sources/resolver.ts';
import { openStore } from '../../packages/kiln/src/store/store.ts';
import { testHome } from '../test-home.ts';
import { median } from './measure.ts';

/** When things were so, on the host's clock, in milliseconds. */
interface Boot {
  /** The server listens, and the network that leads to it has an address. Both known from inside the machine. */
  readonly ready: number;
  /** Kiln has asked the ready server for the first time: a new connection, or an older one that was let in. */
  readonly asked: number;
  /** Kiln has the server's first line. */
  readonly found: number;
}

const signal = new AbortController().signal;

/** How soon Kiln notices that the SSH server of a machine that boots is ready. */
export async function benchDetect(runs: number): Promise<void> {
  console.log(`\ndetect: ${runs} boots of debian/12, each a new machine`);
  const delays: number[] = [];
  for (let run = 0; run < runs; run++) {
    const { ready, asked, found } = await boot();
    delays.push(asked - ready);
    console.log(
      `  asked ${(asked - ready).toFixed(0)} ms after the server was ready; its first line came ${(found - asked).toFixed(0)} ms later`,
    );
  }
  const range = `${Math.min(...delays).toFixed(0)}–${Math.max(...delays).toFixed(0)}`;
  console.log(`  found after a median of ${median(delays).toFixed(0)} ms (${range}); the aim is 250 ms`);
}

async function boot(): Promise<Boot> {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-detect-'));
  try {
    const store = openStore(testHome());
    const images = createImageResolver({
      store,
      env: process.env,
      bootstrap: (ref, context) => bootstrapImage(store, ref, context),
    });
    const image = await images.resolve(
      { kind: 'distribution', distribution: 'debian', release: '12' },
      { emit: () => {}, signal },
    );
    const record: MachineRecord = {
      schema: 1,
      id: 'dede0001',
      name: 'detect',
      createdAt: new Date().toISOString(),
      image: { description: 'debian/12', seeded: true },
      cpus: 2,
      memory: 2 ** 30,
      hostname: 'detect',
      firmware: 'bios',
      user: 'kiln',
      sshPort: await freePort(),
      ports: [],
    };
    const files = machineFiles(folder, record.id);
    mkdirSync(files.folder, { recursive: true });
    const key = await createTemporaryKey({ type: 'ed25519' });
    await writeKeyPair(files, key);
    await createOverlay(files.disk, image.path, 'qcow2');
    const started = await startQemu({ home: folder, store, images, emit: () => {}, signal }, record);
    try {
      return await watch(started.record.sshPort, key.privateKey);
    } finally {
      started.qemu.qmp.close();
      await started.qemu.kill();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function watch(port: number, privateKey: string): Promise<Boot> {
  const opened: number[] = [];
  const open = async (stop: AbortSignal) => {
    const connection = await openTcp('127.0.0.1', port, stop);
    opened.push(hostTime());
    return connection;
  };
  const stream = await findSshServer(open, { deadline: performance.now() + 600_000 });
  const found = hostTime();
  stream.destroy();
  const guest = await connectSsh({
    communicator: { ...sshDefaults, username: 'kiln', disableAgentForwarding: true },
    host: '127.0.0.1',
    port,
    privateKeys: [privateKey],
  });
  try {
    const greetings: number[] = [];
    for (let count = 0; count < 5; count++) {
      const begun = hostTime();
      const other = await findSshServer(open, { deadline: performance.now() + 60_000 });
      greetings.push(hostTime() - begun);
      other.destroy();
    }
    const ahead = await clockAhead(guest);
    const listening = await journalTime(guest, 'ssh.service', 'Server listening on');
    const address = await journalTime(guest, 'systemd-networkd.service', 'DHCPv4 address');
    const ready = Math.max(listening, address) - ahead;
    // Of an older connection only its end is known: the server's first line, for which it needs some time.
    const fresh = opened.find((at) => at >= ready) ?? Number.POSITIVE_INFINITY;
    const asked = Math.max(ready, Math.min(fresh, found - median(greetings)));
    return { ready, asked, found };
  } finally {
    await guest.close();
  }
}

function hostTime(): number {
  return performance.timeOrigin + performance.now();
}

/** How far the machine's clock is ahead of ours, in milliseconds: from the quickest of several questions. */
async function clockAhead(guest: Guest): Promise<number> {
  let best = { took: Number.POSITIVE_INFINITY, ahead: 0 };
  for (let count = 0; count < 10; count++) {
    const asked = hostTime();
    const theirs = Number((await linesOf(guest, 'date +%s.%N'))[0]) * 1000;
    const took = hostTime() - asked;
    if (took < best.took) best = { took, ahead: theirs - (asked + took / 2) };
  }
  return best.ahead;
}

/** When a service first said something, on the machine's clock. */
async function journalTime(guest: Guest, unit: string, words: string): Promise<number> {
  const lines = await linesOf(guest, `sudo journalctl -b -o short-unix --no-pager -u ${unit}`);
  const line = lines.find((one) => one.includes(words));
  if (!line) throw new Error(`${unit} did not say "${words}": ${lines.join('\n')}`);
  return Number(line.split(' ')[0]) * 1000;
}

async function linesOf(guest: Guest, command: string): Promise<string[]> {
  const lines: string[] = [];
  await guest.exec({ command, onLine: (line) => lines.push(line) });
  return lines;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
