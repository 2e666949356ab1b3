import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { openAccess } from '../../access/open-access.ts';
import { createPrincipal } from '../../access/principals.ts';
import { type DatabasePlace, openDatabase } from '../../database/open-database.ts';
import { openGallery } from '../../gallery/open-gallery.ts';
import { Operations } from '../../http/operations.ts';
import { openRuns } from '../../runs/open-runs.ts';
import { isFinal } from '../../runs/run-state.ts';
import type { ServiceContext } from '../../service-context.ts';
import { kilnProgram, nullTemplateBody, templateId, testTimes } from './run-house.ts';

/**
 * A service in a process of its own that tests can kill: `node house-process.ts '{"home":…,"place":…,"works":true}'`.
 * It takes a command a line and says a JSON a line.
 */
interface HouseRequest {
  readonly home: string;
  readonly place: DatabasePlace;
  readonly works: boolean;
}

interface Command {
  readonly op: 'start' | 'cancel' | 'watch' | 'check';
  readonly name?: string;
  readonly sku?: string;
  readonly id?: string;
}

const { home, place, works } = JSON.parse(process.argv[2]!) as HouseRequest;
const say = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
const quiet = {
  info() {},
  warn: (fields: object, text: string) => say({ warning: text, ...fields }),
  error() {},
};
const opened = await openDatabase(place);
const now = () => new Date();
const context: ServiceContext = {
  database: opened.kysely,
  home,
  now,
  log: quiet,
  access: openAccess(opened.kysely),
  operations: new Operations(opened.kysely, now),
  instance: String(process.pid),
};
const gallery = openGallery(context);
const open = openRuns(context, {
  publishing: gallery.publishing,
  times: testTimes,
  ...(works && { worker: { program: kilnProgram, capacity: { cpus: 4, memoryMib: 16_384 } } }),
});
await open.start();
const caller = await createPrincipal(context.database, { kind: 'user', name: randomUUID() }, new Date());
say({ ready: true });

async function watch(id: string): Promise<void> {
  let said = '';
  for (;;) {
    const run = await open.runs.get(id);
    const text = JSON.stringify({ id, state: run?.state, subState: run?.subState, message: run?.message });
    if (text !== said) process.stdout.write(`${text}\n`);
    said = text;
    if (!run || isFinal(run.state)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function obey({ op, name = '', sku = 'instant', id = '' }: Command): Promise<void> {
  switch (op) {
    case 'start': {
      const run = await open.runs.start({
        templateId: templateId(name),
        template: nullTemplateBody(sku),
        location: 'local',
        cause: 'manual',
        callerId: caller.id,
        clientRequestId: randomUUID(),
      });
      say({ started: run.id });
      return watch(run.id);
    }
    case 'cancel':
      await open.runs.cancel(templateId(name));
      return;
    case 'watch':
      return watch(id);
    case 'check': {
      const { database } = context;
      const disks = await database.selectFrom('published_disks').select(['run_id']).execute();
      const outputs = await database.selectFrom('run_outputs').select(['run_id', 'state']).execute();
      const staging = await database.selectFrom('staging_groups').select('name').execute();
      const runs = await database.selectFrom('runs').select(['id', 'state', 'attempts', 'fence']).execute();
      say({ check: name, disks, outputs, staging, runs });
    }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  obey(JSON.parse(line) as Command).catch((error: Error) => say({ error: error.message }));
}
await open.stop();
await opened.close();
