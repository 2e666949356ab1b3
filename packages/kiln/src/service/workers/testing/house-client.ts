import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DatabasePlace } from '../../database/open-database.ts';
import { nullBuildVariable } from '../null-build.ts';

export interface HouseProcess {
  readonly child: ChildProcess;
  send(command: object): void;
  /** The next thing that it says, or has said, for which this holds. @throws Error after a minute, or when it ends */
  said(
    holds: (value: Readonly<Record<string, unknown>>) => boolean,
  ): Promise<Readonly<Record<string, unknown>>>;
  kill(): Promise<void>;
}

const program = fileURLToPath(new URL('./house-process.ts', import.meta.url));
const patience = 60_000;

/** Starts a service in a process of its own. */
export async function startHouse(home: string, place: DatabasePlace, works = true): Promise<HouseProcess> {
  const child = spawn(process.execPath, [program, JSON.stringify({ home, place, works })], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, [nullBuildVariable]: '1' },
  });
  const words: Readonly<Record<string, unknown>>[] = [];
  const watchers = new Set<() => void>();
  let complaint = '';
  let ended = false;
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-4_000);
  });
  createInterface({ input: child.stdout! }).on('line', (line) => {
    words.push(JSON.parse(line) as Record<string, unknown>);
    for (const watch of watchers) watch();
  });
  child.once('close', () => {
    ended = true;
    for (const watch of watchers) watch();
  });
  const said: HouseProcess['said'] = (holds) =>
    new Promise((resolve, reject) => {
      const finish = (work: () => void) => {
        clearTimeout(timer);
        watchers.delete(look);
        work();
      };
      const timer = setTimeout(
        () =>
          finish(() => reject(new Error(`it was not said: ${JSON.stringify(words.slice(-5))} ${complaint}`))),
        patience,
      );
      const look = () => {
        const found = words.find(holds);
        if (found) finish(() => resolve(found));
        else if (ended) finish(() => reject(new Error(`the service ended: ${complaint}`)));
      };
      watchers.add(look);
      look();
    });
  const house: HouseProcess = {
    child,
    said,
    send: (command) => void child.stdin!.write(`${JSON.stringify(command)}\n`),
    kill: async () => {
      if (ended) return;
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
  await said((word) => word.ready === true);
  return house;
}
