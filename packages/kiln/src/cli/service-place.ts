import { resolve } from 'node:path';
import { KilnError } from '../base/errors.ts';
import { kilnHome } from '../base/home.ts';
import type { DatabasePlace } from '../service/database/open-database.ts';
import type { OptionValues } from './command.ts';
import type { serviceHomeOptions } from './commands/serve.ts';
import type { CliContext } from './context.ts';

/** Where a service's files and tables are. @throws KilnError `bad-usage` */
export async function servicePlace(
  options: OptionValues<typeof serviceHomeOptions>,
  { cwd, env }: CliContext,
): Promise<{ readonly home: string; readonly database: DatabasePlace }> {
  const home = options.home === undefined ? kilnHome(env) : resolve(cwd, options.home);
  const url = options.database ?? env['KILN_DATABASE'];
  if (url === undefined) {
    const { embeddedPlace } = await import('../service/database/open-database.ts');
    return { home, database: embeddedPlace(home) };
  }
  if (!/^postgres(?:ql)?:\/\//.test(url)) {
    throw new KilnError('bad-usage', 'the address of the database is none of a Postgres server', {
      hint: 'write postgres://USER@HOST/NAME; a password may stand in PGPASSWORD',
    });
  }
  return { home, database: { kind: 'postgres', url } };
}
