import { KilnError } from '../base/errors.ts';
import type { OptionValues } from './command.ts';
import type { serviceHomeOptions } from './commands/serve.ts';
import type { CliContext } from './context.ts';
import { askServer, type serverOptions } from './server-options.ts';
import { servicePlace } from './service-place.ts';

type Options = OptionValues<typeof serverOptions> & OptionValues<typeof serviceHomeOptions>;

/** Asks for something under `/api/v1`, of a server or of a service's own files. */
export type AskService = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  json?: unknown,
) => Promise<unknown>;

/**
 * Hands `work` a way to ask the service: a running one, or the database of this host's. That is asked by the same
 * routes, as its first owner.
 */
export async function withService<T>(
  options: Options,
  context: CliContext,
  work: (ask: AskService) => Promise<T>,
): Promise<T> {
  if (options.server !== undefined || context.env['KILN_SERVER'] !== undefined) {
    return work((method, path, json) => askServer(context, options, { method, path, json }));
  }
  const place = await servicePlace(options, context);
  const { openLocalAccess } = await import('../service/access/local-access.ts');
  const local = await openLocalAccess(place);
  try {
    return await work(async (method, path, json) => {
      const reply = await local.ask(method, path, json);
      if (reply.status < 300) return reply.body;
      throw new KilnError('service-refused', reply.message ?? `the service answered ${reply.status}`, {
        hint: 'see what it says',
      });
    });
  } finally {
    await local.close();
  }
}
