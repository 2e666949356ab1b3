import { KilnError } from '../../base/errors.ts';
import { parseSize } from '../../base/sizes.ts';
import { openService } from '../../service/open-service.ts';
import { parseRegion } from '../../service/regions/regions.ts';
import { openServiceLog } from '../../service/service-log.ts';
import { hostCapacity } from '../../service/workers/worker.ts';
import type { CommandInput, OptionValues } from '../command.ts';
import type { workerOptions } from '../commands/worker.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupts.ts';
import { servicePlace } from '../service-place.ts';
import { workerSettings } from '../worker-settings.ts';

export async function run(
  { options }: CommandInput<typeof workerOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  const { home, database } = await servicePlace(options, context);
  if (database.kind !== 'postgres') {
    throw new KilnError('bad-usage', 'a worker needs the database that its service has', {
      hint: 'give --database postgres://…; a service with a database of its own (kiln serve) works by itself',
    });
  }
  const worker = { ...workerSettings(options, context), capacity: capacityOf(options) };
  const interrupts = watchInterrupts((text) => stderr.line(`kiln worker: ${text}`));
  try {
    const service = await openService({
      home,
      database,
      log: openServiceLog(options.quiet ? 'warn' : 'info'),
      gallery: { regions: new Map(options.region.map(parseRegion)) },
      worker: { ...worker, ...(options.name !== undefined && { name: options.name }) },
    });
    try {
      stdout.line('ready');
      if (!interrupts.signal.aborted) {
        await new Promise<void>((done) => {
          interrupts.signal.addEventListener('abort', () => done(), { once: true });
        });
      }
    } finally {
      const hurried = new Promise<void>((done) =>
        interrupts.forceSignal.addEventListener('abort', () => done(), { once: true }),
      );
      await Promise.race([service.close(), hurried]);
    }
    return exitCodes.ok;
  } finally {
    interrupts.close();
  }
}

function capacityOf({ cpus, memory }: OptionValues<typeof workerOptions>) {
  const host = hostCapacity();
  if (memory === undefined) return { cpus: cpus ?? host.cpus, memoryMib: host.memoryMib };
  const bytes = parseSize(memory, 'm');
  if (bytes === undefined || bytes < 2 ** 20) {
    throw new KilnError('bad-usage', `--memory: "${memory}" is no size`, { hint: 'write it as 16G or 512M' });
  }
  return { cpus: cpus ?? host.cpus, memoryMib: Math.floor(bytes / 2 ** 20) };
}
