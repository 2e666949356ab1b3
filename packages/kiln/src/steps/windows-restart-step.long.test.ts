import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { suite, type TestContext, test } from 'node:test';
import ssh2, { type Connection, type Server } from 'ssh2';
import type { Guest } from '../guests/guest.ts';
import { createTemporaryKey } from '../guests/temporary-key.ts';
import { connectTo } from '../guests/testing/connect.ts';
import { runStep } from './run-step.ts';
import { recordedContext } from './testing/step-context.ts';
import { windowsRestartStep } from './testing/step-defaults.ts';

/** What the machine does with a command: end it, break the connection, or break it and be away for a while. */
type Reaction =
  | { readonly code: number; readonly stdout?: string }
  | { readonly awayFor: number; readonly code?: number };

interface Machine {
  readonly guest: Guest;
  readonly commands: string[];
}

/**
 * A guest on an SSH server that reacts as Windows machines do: with exit codes beyond those of a Linux host. Each
 * command that contains a text of `reactions` gets the next one of its list, and the last one for ever.
 */
async function machine(
  t: TestContext,
  reactions: Readonly<Record<string, readonly Reaction[]>>,
): Promise<Machine> {
  const key = await createTemporaryKey({ type: 'ed25519' });
  const commands: string[] = [];
  const asked = new Map<string, number>();
  const connections = new Set<Connection>();
  let server: Server;
  let wakeUp: NodeJS.Timeout | undefined;
  const react = (command: string): Reaction => {
    const found = Object.entries(reactions).find(([text]) => command.includes(text));
    if (!found) return { code: 0 };
    const [text, list] = found;
    const count = asked.get(text) ?? 0;
    asked.set(text, count + 1);
    return list[Math.min(count, list.length - 1)]!;
  };
  const goAway = (milliseconds: number, port: number) => {
    server.close();
    for (const connection of connections) connection.end();
    wakeUp = setTimeout(() => void listen(port), milliseconds);
  };
  const listen = async (port: number): Promise<number> => {
    server = new ssh2.Server({ hostKeys: [key.privateKey] }, (connection) => {
      connections.add(connection);
      connection.on('close', () => connections.delete(connection));
      connection.on('error', () => {});
      connection.on('authentication', (context) => context.accept());
      connection.on('session', (accept) => {
        accept().on('exec', (acceptExec, _reject, { command }) => {
          const channel = acceptExec();
          const readable = plain(command);
          commands.push(readable);
          const reaction = react(readable);
          if ('stdout' in reaction) channel.write(reaction.stdout);
          if (reaction.code !== undefined) {
            channel.exit(reaction.code);
            channel.end();
          }
          if ('awayFor' in reaction) goAway(reaction.awayFor, (server.address() as AddressInfo).port);
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const guest = await connectTo({ port, username: 'Administrator', key }, { timeout: 5_000 });
  t.after(async () => {
    clearTimeout(wakeUp);
    await guest.close();
    server.close();
    for (const connection of connections) connection.end();
  });
  return { guest, commands };
}

function plain(command: string): string {
  const encoded = /^powershell\.exe -EncodedCommand (\S+)$/.exec(command);
  if (!encoded) return command;
  return Buffer.from(encoded[1]!, 'base64')
    .toString('utf16le')
    .replace(/^[^;]*;/, '');
}

const restart = 'shutdown /r /f /t 0 /c "packer restart"';
const order = 'shutdown /r /f /t 60 /c "packer restart test"';
const takeBack = 'shutdown /a';
const greet = 'echo ("{0} restarted." -f [System.Net.Dns]::GetHostName())';
const greeting: Reaction = { code: 0, stdout: 'WIN restarted.\r\n' };

// They mostly wait.
suite('restarts of Windows machines', { concurrency: true }, () => {
  test('a machine that goes down is waited for until it has come back', async (t) => {
    const { guest, commands } = await machine(t, {
      [order]: [{ code: 1115 }, { code: 1115 }, { awayFor: 700 }, { code: 1717 }, { code: 0 }],
      [greet]: [{ code: 1, stdout: 'modules are not loaded\r\n' }, greeting],
    });
    const context = await recordedContext(t, { guest });
    await runStep(windowsRestartStep(), context);
    assert.deepEqual(commands, [restart, ...Array.from({ length: 5 }, () => order), takeBack, greet, greet]);
    assert.deepEqual(context.said, [
      'Restarting the machine',
      'Waiting for the machine',
      'The machine is back',
    ]);
    assert.deepEqual(context.stdout, ['modules are not loaded', 'WIN restarted.']);
  });

  test('a restart that breaks the connection at once, or was ordered already, is one', async (t) => {
    const first: readonly Reaction[] = [
      { awayFor: 300 },
      { awayFor: 300, code: 0 },
      { code: 1115 },
      { code: 1190 },
    ];
    for (const reaction of first) {
      const { guest } = await machine(t, { [restart]: [reaction], [greet]: [greeting] });
      await runStep(windowsRestartStep(), await recordedContext(t, { guest }));
    }
  });

  test('a restart command that fails fails the step', async (t) => {
    const { guest, commands } = await machine(t, { reboot: [{ code: 5 }] });
    await assert.rejects(
      runStep(windowsRestartStep({ restartCommand: 'reboot' }), await recordedContext(t, { guest })),
      { code: 'step-failed', message: 'the restart command ended with exit code 5', hint: /0, 1115 or 1190/ },
    );
    assert.deepEqual(commands, ['reboot']);
  });

  test('keys of the registry that announce another restart are waited for', async (t) => {
    const { guest, commands } = await machine(t, {
      [greet]: [greeting],
      'HKLM:A': [{ code: 0, stdout: 'False\r\n' }],
      'HKLM:B': [{ code: 0, stdout: 'True\r\n' }, { awayFor: 300 }, { code: 0, stdout: 'False\r\n' }],
    });
    const context = await recordedContext(t, { guest });
    await runStep(windowsRestartStep({ registryKeys: ['HKLM:A', 'HKLM:B'] }), context);
    const round = [greet, 'Test-Path "HKLM:A"', 'Test-Path "HKLM:B"'];
    assert.deepEqual(commands.slice(3), [...round, ...round, ...round]);
    assert.deepEqual(context.stdout, ['WIN restarted.', 'WIN restarted.', 'WIN restarted.']);
  });

  test('the check of the template is run once the machine is back, whatever its exit code', async (t) => {
    const { guest, commands } = await machine(t, {
      check: [{ awayFor: 300 }, { code: 3, stdout: 'mine\r\n' }],
      [greet]: [greeting],
    });
    const context = await recordedContext(t, { guest });
    await runStep(windowsRestartStep({ checkCommand: 'check' }), context);
    assert.deepEqual(commands.slice(3), ['check', 'check', greet]);
    assert.deepEqual(context.stdout, ['mine', 'WIN restarted.']);
  });

  test('a machine that does not come back fails the step when its time is over', async (t) => {
    for (const reaction of [{ awayFor: 1_000_000 }, { code: 1115 }] as const) {
      const { guest } = await machine(t, { [order]: [reaction] });
      await assert.rejects(
        runStep(windowsRestartStep({ restartTimeout: 800 }), await recordedContext(t, { guest })),
        { code: 'step-timeout', message: /did not come back within/, hint: /restart_timeout/ },
      );
    }
  });

  test('a machine that stays away longer than a login may take is waited for all the same', async (t) => {
    const { guest } = await machine(t, {
      [order]: [{ awayFor: 6_500 }, { code: 0 }],
      [greet]: [greeting],
    });
    await runStep(windowsRestartStep(), await recordedContext(t, { guest }));
  });

  test('waiting for a restart can be cancelled', async (t) => {
    const { guest } = await machine(t, { [order]: [{ code: 1115 }] });
    const cancel = new AbortController();
    const context = await recordedContext(t, { guest, signal: cancel.signal });
    setTimeout(() => cancel.abort(), 300);
    await assert.rejects(runStep(windowsRestartStep(), context), { code: 'cancelled' });
  });
});
