import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../packages/kiln/src/service/database/open-database.ts';
import { postgresMissing, startPostgres } from '../../packages/kiln/src/service/workers/testing/postgres.ts';
import { type Amounts, definitionsOfGallery, fillTables, groups, subscription } from './service-rows.ts';

const perSecond = 200;

/**
 * Lists and gets of a full service on PostgreSQL, 200 a second whatever the answers take: a request that waits does not
 * keep the next one from being sent, so that what a slow moment costs is in the figures.
 */
export async function benchService(seconds: number, amounts: Amounts): Promise<void> {
  if (postgresMissing !== undefined) {
    console.log(`\nservice: left out, ${postgresMissing}`);
    return;
  }
  const home = mkdtempSync(join(tmpdir(), 'kiln-bench-service-'));
  const postgres = await startPostgres();
  try {
    const began = performance.now();
    const database = await openDatabase({ kind: 'postgres', url: postgres.url });
    await fillTables(database.kysely, amounts);
    await database.close();
    console.log(
      `\nservice: ${amounts.templates} templates, ${amounts.versions} versions, ${amounts.runs} runs (filled in ${((performance.now() - began) / 1000).toFixed(0)} s)`,
    );
    await drive(home, postgres.url, seconds, amounts);
  } finally {
    await postgres.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

async function drive(home: string, url: string, seconds: number, amounts: Amounts): Promise<void> {
  const child = fork(new URL('service-process.ts', import.meta.url), [home, url], { stdio: 'inherit' });
  const told = <T>() =>
    new Promise<T>((resolve) => child.once('message', (message) => resolve(message as T)));
  const memory = async () => {
    const answer = told<{ memory: number }>();
    child.send('memory');
    return (await answer).memory;
  };
  const { origin, secret } = await told<{ origin: string; secret: string }>();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const times = new Map<string, number[]>();
  let failures = 0;
  const ask = async ([name, path]: readonly [string, string], counts: boolean) => {
    const start = performance.now();
    const status = await get(agent, `${origin}${path}`, secret);
    if (status !== 200) failures += 1;
    if (counts) times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
  };
  for (let index = 0; index < 200; index++) await ask(question(amounts), false);
  const before = await memory();
  const pending: Promise<void>[] = [];
  const start = performance.now();
  for (let sent = 0; sent < seconds * perSecond; sent++) {
    const due = start + (sent * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    pending.push(ask(question(amounts), true));
  }
  await Promise.all(pending);
  const rate = pending.length / ((performance.now() - start) / 1000);
  const after = await memory();
  const all = [...times.values()].flat();
  for (const [name, one] of [...times].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(line(name, one));
  console.log(line('all', all));
  console.log(
    `${rate.toFixed(0)} requests/s, ${failures} failed; memory of the service ${mib(before)} MiB, afterwards ${mib(after)} MiB`,
  );
  agent.destroy();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.send('end');
  await ended;
}

function question({ templates, versions, runs }: Amounts): readonly [string, string] {
  const group = Math.floor(Math.random() * groups);
  const scope = `/subscriptions/${subscription}/resourceGroups/group${group}/providers`;
  const image = group * definitionsOfGallery + Math.floor(Math.random() * definitionsOfGallery);
  const gallery = `${scope}/Microsoft.Compute/galleries/gallery${group}`;
  const perDefinition = Math.ceil(versions / (groups * definitionsOfGallery));
  const version = 1 + Math.floor(Math.random() * perDefinition);
  const template = group + groups * Math.floor(Math.random() * (templates / groups));
  const builder = `${scope}/Microsoft.VirtualMachineImages/imageTemplates`;
  const compute = 'api-version=2025-03-03';
  const images = 'api-version=2025-10-01';
  const choices: readonly (readonly [string, string])[] = [
    ['get a template', `${builder}/template${template}?${images}`],
    ['list templates of a group', `${builder}?${images}`],
    [
      'list templates of a subscription',
      `/subscriptions/${subscription}/providers/Microsoft.VirtualMachineImages/imageTemplates?${images}`,
    ],
    [
      'get a version',
      `${gallery}/images/image${image}/versions/1.0.${version}?${compute}&$expand=ReplicationStatus`,
    ],
    ['get the latest version', `${gallery}/images/image${image}/versions/latest?${compute}`],
    ['list versions', `${gallery}/images/image${image}/versions?${compute}`],
    ['list images', `${gallery}/images?${compute}`],
    ['list galleries', `/subscriptions/${subscription}/providers/Microsoft.Compute/galleries?${compute}`],
    ['get a run', `/api/v1/runs/run-${Math.floor(Math.random() * runs)}`],
    ['list runs', '/api/v1/runs'],
  ];
  return choices[Math.floor(Math.random() * choices.length)]!;
}

function get(agent: Agent, address: string, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const outgoing = request(address, { agent, headers }, (incoming) => {
      incoming.resume();
      incoming.on('end', () => resolve(incoming.statusCode ?? 0));
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

function line(name: string, times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
  return `  ${name.padEnd(34)} ${String(times.length).padStart(6)}  p50 ${at(0.5).padStart(6)} ms  p99 ${at(0.99).padStart(6)} ms  max ${at(1).padStart(6)} ms`;
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}
