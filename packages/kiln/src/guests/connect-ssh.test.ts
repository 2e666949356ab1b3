import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import ssh2, { type AuthContext } from 'ssh2';
import type { KilnError } from '../base/errors.ts';
import type { Guest } from './guest.ts';
import { createTemporaryKey } from './temporary-key.ts';
import { connectTo } from './testing/connect.ts';
import { freePort, passwordsWork, type SshdOptions, startSshd, type TestSshd } from './testing/sshd.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

async function sshd(test: TestContext, options: SshdOptions = {}): Promise<TestSshd> {
  const server = await startSshd(options);
  test.after(() => server.stop());
  return server;
}

async function whoAmI(guest: Guest): Promise<string | undefined> {
  let name: string | undefined;
  await guest.exec({
    command: 'id -un',
    onLine: (line) => {
      name = line;
    },
  });
  return name;
}

/** A server of the ssh2 library: speaks the real protocol and lets the test decide about logins. */
async function protocolServer(test: TestContext, onAuth: (context: AuthContext) => void) {
  const hostKey = await createTemporaryKey({ type: 'ed25519' });
  const connections = new Set<{ end(): void }>();
  const server = new ssh2.Server({ hostKeys: [hostKey.privateKey] }, (connection) => {
    connections.add(connection);
    connection.on('error', () => {});
    connection.on('authentication', onAuth);
    connection.on('session', (accept) =>
      accept().on('exec', (acceptExec) => {
        const channel = acceptExec();
        channel.write('tester\n');
        channel.exit(0);
        channel.end();
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => {
    for (const connection of connections) connection.end();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, username: 'tester', key: hostKey };
}

suite('connecting', { concurrency: 4 }, () => {
  test('a private key logs in', async (t) => {
    const server = await sshd(t);
    const guest = await connectTo(server);
    assert.equal(await whoAmI(guest), server.username);
    await guest.close();
    await guest.close();
    await assert.rejects(guest.exec({ command: 'true' }), { code: 'guest-disconnected' });
  });

  test('a private key file logs in, also when its last line end got lost', async (t) => {
    const server = await sshd(t);
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'id'), server.key.privateKey.trimEnd());
    const guest = await connectTo(server, { privateKeyFile: 'id' }, { privateKeys: [], folder });
    assert.equal(await whoAmI(guest), server.username);
    await guest.close();
  });

  for (const type of ['rsa', 'ecdsa'] as const) {
    test(`a key of type ${type} logs in`, async (t) => {
      const key = await createTemporaryKey({ type });
      const base = await sshd(t);
      const server = await sshd(t, { like: { ...base, key } });
      const guest = await connectTo(server);
      assert.equal(await whoAmI(guest), server.username);
      await guest.close();
    });
  }

  test('a password logs in to OpenSSH', {
    skip: !passwordsWork() && 'needs root and mount namespaces',
  }, async (t) => {
    const server = await sshd(t, { password: 'open sesame' });
    const guest = await connectTo(server, {}, { privateKeys: [], password: 'open sesame' });
    assert.equal(await whoAmI(guest), server.username);
    await guest.close();
  });

  test('a password answers the questions of keyboard-interactive', async (t) => {
    const server = await protocolServer(t, (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
      context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
        if (answers[0] === 'open sesame') context.accept();
        else context.reject(['keyboard-interactive']);
      });
    });
    const guest = await connectTo(server, {}, { privateKeys: [], password: 'open sesame' });
    assert.equal(await whoAmI(guest), 'tester');
    await guest.close();
  });

  test('a wrong password is told with the user and what was tried', async (t) => {
    let attempts = 0;
    const server = await protocolServer(t, (context) => {
      if (context.method === 'password') attempts += 1;
      context.reject(['password', 'keyboard-interactive']);
    });
    const refused = connectTo(server, { handshakeAttempts: 2 }, { privateKeys: [], password: 'wrong' });
    await assert.rejects(refused, (error: KilnError) => {
      assert.equal(error.code, 'guest-login-refused');
      assert.match(error.message, /user tester/);
      assert.match(error.message, /tried: password, keyboard-interactive/);
      assert.doesNotMatch(error.message, /wrong/);
      return true;
    });
    assert.equal(attempts, 2);
  });

  test('a method that the server does not offer is named as such', async (t) => {
    const server = await sshd(t);
    const refused = connectTo(
      server,
      { handshakeAttempts: 1 },
      { password: 'x', privateKeys: [server.hostKey.privateKey] },
    );
    await assert.rejects(refused, {
      code: 'guest-login-refused',
      message: /tried: key, password \(not accepted there\)/,
    });
  });

  test('a login that is accepted late is waited for', async (t) => {
    let attempts = 0;
    const server = await protocolServer(t, (context) => {
      if (context.method !== 'password') return context.reject(['password']);
      attempts += 1;
      if (attempts < 3) context.reject(['password']);
      else context.accept();
    });
    const said: string[] = [];
    const guest = await connectTo(
      server,
      {},
      { privateKeys: [], password: 'x', onMessage: (text) => said.push(text) },
    );
    await guest.close();
    assert.equal(attempts, 3);
    assert.match(said.join('\n'), /refused the login of user tester/);
  });

  test('nobody at the port is told with what was last seen', async () => {
    const port = await freePort();
    const key = await createTemporaryKey({ type: 'ed25519' });
    await assert.rejects(connectTo({ port, username: 'root', key }, { timeout: 600 }), {
      code: 'guest-unreachable',
      message: /last seen: connection refused/,
    });
  });

  test('a port that accepts and stays silent is told as such', async (t) => {
    const silent = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.after(() => silent.close());
    const key = await createTemporaryKey({ type: 'ed25519' });
    const { port } = silent.address() as AddressInfo;
    await assert.rejects(connectTo({ port, username: 'root', key }, { timeout: 1500 }), {
      code: 'guest-unreachable',
      message: /connected, but no SSH server spoke/,
    });
  });

  test('a server that comes up behind a silent forwarding port is found by a fresh connection', async (t) => {
    const server = await sshd(t);
    let up = false;
    const accepted: number[] = [];
    // Like QEMU's user network: connections from before the machine was up never come to life.
    const forward = createServer({ pauseOnConnect: true }, (socket) => {
      accepted.push(accepted.length);
      socket.on('error', () => {});
      if (!up) return;
      const inner = connect(server.port, '127.0.0.1');
      inner.on('error', () => socket.destroy());
      socket.on('close', () => inner.destroy());
      inner.on('close', () => socket.destroy());
      socket.pipe(inner).pipe(socket);
    });
    await new Promise<void>((resolve) => forward.listen(0, '127.0.0.1', resolve));
    t.after(() => forward.close());
    const connecting = connectTo({ ...server, port: (forward.address() as AddressInfo).port });
    while (accepted.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    up = true;
    const guest = await connecting;
    assert.equal(await whoAmI(guest), server.username);
    await guest.close();
  });

  test('something else at the port is told as such', async (t) => {
    const web = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    t.after(() => web.close());
    const key = await createTemporaryKey({ type: 'ed25519' });
    const { port } = web.address() as AddressInfo;
    await assert.rejects(connectTo({ port, username: 'root', key }, { timeout: 500 }), {
      code: 'guest-unreachable',
      message: /closed with the words "HTTP\/1.1 400 Bad Request"/,
    });
  });

  test('waiting ends when it is cancelled', async () => {
    const key = await createTemporaryKey({ type: 'ed25519' });
    const cancel = new AbortController();
    const waiting = connectTo(
      { port: await freePort(), username: 'root', key },
      {},
      { signal: cancel.signal },
    );
    setTimeout(() => cancel.abort(), 50);
    await assert.rejects(waiting, { code: 'cancelled' });
  });

  test('another host key than the known one is refused at once, the known one is accepted', async (t) => {
    const server = await sshd(t);
    const shown: string[] = [];
    const first = await connectTo(server, {}, { onHostKey: (key) => shown.push(key) });
    await first.close();
    assert.equal(shown[0], server.hostKey.publicKey.split(' ').slice(0, 2).join(' '));
    const again = await connectTo(server, {}, { hostKeys: shown });
    await again.close();
    const other = await createTemporaryKey({ type: 'ed25519' });
    await assert.rejects(connectTo(server, {}, { hostKeys: [other.publicKey] }), {
      code: 'guest-login-refused',
      message: /another host key/,
    });
  });

  test('an encrypted key, a public key, a missing file and a certificate are refused by name', async (t) => {
    const folder = await temporaryFolder(t);
    const server = { port: 1, username: 'root', key: await createTemporaryKey({ type: 'ed25519' }) };
    const encrypted = ssh2.utils.generateKeyPairSync('ed25519', {
      passphrase: 'secret',
      cipher: 'aes256-cbc',
      rounds: 1,
    });
    await assert.rejects(connectTo(server, {}, { privateKeys: [encrypted.private] }), {
      code: 'unsupported',
      message: /encrypted with a passphrase/,
    });
    await assert.rejects(connectTo(server, {}, { privateKeys: [server.key.publicKey] }), {
      code: 'unsupported',
      message: /is a public key/,
    });
    await assert.rejects(connectTo(server, {}, { privateKeys: ['not a key'] }), { code: 'unsupported' });
    await assert.rejects(connectTo(server, { privateKeyFile: join(folder, 'none') }), {
      code: 'file-missing',
      message: /none/,
    });
    await assert.rejects(connectTo(server, { certificateFile: 'id-cert.pub' }), {
      code: 'unsupported',
      message: /id-cert.pub/,
    });
  });

  test('chosen ciphers and key exchanges are used, unknown ones refused', async (t) => {
    const server = await sshd(t, { config: ['Ciphers aes256-ctr', 'KexAlgorithms ecdh-sha2-nistp256'] });
    const guest = await connectTo(server, {
      ciphers: ['aes256-ctr'],
      keyExchangeAlgorithms: ['ecdh-sha2-nistp256'],
    });
    await guest.close();
    await assert.rejects(connectTo(server, { ciphers: ['aes128-ctr'] }), {
      code: 'unsupported',
      message: /no common SSH .*cipher/,
    });
    await assert.rejects(connectTo(server, { ciphers: ['rot13'] }), {
      code: 'unsupported',
      message: /rot13/,
    });
  });

  test('the keys of an ssh-agent log in, and the machine may use the agent unless forbidden', async (t) => {
    const server = await sshd(t);
    const folder = await temporaryFolder(t);
    const agentSocket = join(folder, 'agent');
    const started = execFileSync('ssh-agent', ['-a', agentSocket, '-s'], { encoding: 'utf8' });
    t.after(() => process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(started)![1])));
    await writeFile(join(folder, 'id'), server.key.privateKey);
    await chmod(join(folder, 'id'), 0o600);
    execFileSync('ssh-add', ['-q', join(folder, 'id')], {
      env: { ...process.env, SSH_AUTH_SOCK: agentSocket },
    });
    for (const disableAgentForwarding of [false, true]) {
      const guest = await connectTo(
        server,
        { agentAuth: true, disableAgentForwarding },
        { privateKeys: [], agentSocket },
      );
      const lines: string[] = [];
      await guest.exec({ command: 'echo "$SSH_AUTH_SOCK"; ssh-add -l', onLine: (line) => lines.push(line) });
      assert.equal(
        lines.some((line) => line.includes('(ED25519)')),
        !disableAgentForwarding,
      );
      await guest.close();
    }
  });

  test('a bastion host leads to the machine', async (t) => {
    const server = await sshd(t);
    const bastionServer = await sshd(t);
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'bastion'), bastionServer.key.privateKey);
    const bastion = {
      host: '127.0.0.1',
      port: bastionServer.port,
      username: bastionServer.username,
      privateKeyFile: join(folder, 'bastion'),
      agentAuth: false,
      interactive: false,
    };
    const guest = await connectTo(server, { bastion }, { reconnectTimeout: 1000 });
    assert.equal(await whoAmI(guest), server.username);
    await bastionServer.kill();
    await assert.rejects(guest.exec({ command: 'true' }), { code: 'guest-unreachable' });
    const again = await sshd(t, { like: bastionServer, port: bastionServer.port });
    assert.equal(await whoAmI(guest), server.username);
    await guest.close();
    await again.stop();
  });

  test('a refused login at the bastion names the bastion', async (t) => {
    const server = await sshd(t);
    const bastionServer = await protocolServer(t, (context) => context.reject(['password']));
    const bastion = {
      host: '127.0.0.1',
      port: bastionServer.port,
      username: 'hop',
      password: 'wrong',
      agentAuth: false,
      interactive: false,
    };
    await assert.rejects(connectTo(server, { bastion }), {
      code: 'guest-login-refused',
      message: /bastion host .* refused the login of user hop/,
    });
  });

  /** A SOCKS5 proxy with a user and password, as RFC 1928 and 1929 have it. */
  async function socksProxy(
    test: TestContext,
    password: string,
  ): Promise<{ port: number; wanted: string[] }> {
    const wanted: string[] = [];
    const proxy = createServer((socket) => {
      socket.on('error', () => {});
      let state: 'methods' | 'login' | 'request' = 'methods';
      const onData = (bytes: Buffer) => {
        if (state === 'methods') {
          state = 'login';
          socket.write(Buffer.from([5, 2]));
        } else if (state === 'login') {
          state = 'request';
          const user = bytes.subarray(2, 2 + bytes[1]!).toString();
          const given = bytes.subarray(3 + bytes[1]!).toString();
          const welcome = user === 'proxy user' && given === password;
          socket.write(Buffer.from([1, welcome ? 0 : 1]));
          if (!welcome) socket.end();
        } else {
          socket.off('data', onData);
          const host = bytes.subarray(5, 5 + bytes[4]!).toString();
          const port = bytes.readUInt16BE(5 + bytes[4]!);
          wanted.push(`${host}:${port}`);
          const inner = connect(port, host, () => {
            socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
            socket.pipe(inner).pipe(socket);
          });
          inner.on('error', () => socket.destroy());
        }
      };
      socket.on('data', onData);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    test.after(() => proxy.close());
    return { port: (proxy.address() as AddressInfo).port, wanted };
  }

  test('a SOCKS5 proxy leads to the machine', async (t) => {
    const server = await sshd(t);
    const proxy = await socksProxy(t, 'proxy word');
    const settings = { host: '127.0.0.1', port: proxy.port, username: 'proxy user' };
    const guest = await connectTo(server, { proxy: { ...settings, password: 'proxy word' } });
    assert.equal(await whoAmI(guest), server.username);
    await guest.close();
    assert.equal(proxy.wanted[0], `127.0.0.1:${server.port}`);
    await assert.rejects(connectTo(server, { proxy: { ...settings, password: 'wrong' } }), {
      code: 'guest-login-refused',
      message: /proxy .* refused the login of user proxy user/,
    });
  });

  test('tunnels carry connections in both directions', async (t) => {
    const server = await sshd(t);
    const echo = createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    t.after(() => echo.close());
    const { port } = echo.address() as AddressInfo;
    const [near, far] = [await freePort(), await freePort()];
    const guest = await connectTo(server, {
      localTunnels: [`${near}:127.0.0.1:${port}`],
      remoteTunnels: [`${far}:127.0.0.1:${port}`],
    });
    for (const through of [near, far]) {
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(through, 'localhost', () => socket.write('hello'));
        socket.once('data', (chunk) => {
          resolve(chunk.toString());
          socket.destroy();
        });
        socket.once('error', reject);
      });
      assert.equal(answer, 'hello');
    }
    await guest.close();
  });

  test('a tunnel that is not understood is refused', async () => {
    const server = { port: 1, username: 'root', key: await createTemporaryKey({ type: 'ed25519' }) };
    await assert.rejects(connectTo(server, { localTunnels: ['80:nowhere'] }), {
      code: 'template-invalid',
      message: /80:nowhere/,
    });
  });
});
