import { KilnError } from '../../base/errors.ts';
import { webAddress } from '../../machines/web-address.ts';
import type { CommandInput } from '../command.ts';
import type { openOptions } from '../commands/open.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { openProgram } from '../open-program.ts';
import { targetMachine } from './machine-targets.ts';

export async function run(
  { options, args }: CommandInput<typeof openOptions>,
  context: CliContext,
): Promise<number> {
  const record = await targetMachine(args[0], options.file, context);
  const address = webAddress(record, options.port);
  if (address === undefined) {
    const wanted = options.port === undefined ? 'no port' : `no port that leads to ${options.port}`;
    throw new KilnError('not-found', `${record.name} has ${wanted} of this host`, {
      hint: 'forward one: `ports: ["8080:80"]` in kiln.yaml, `config.vm.network "forwarded_port"` in a Vagrantfile',
    });
  }
  const url = new URL(options.path ?? '/', address).href;
  const desktop = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const browser = context.env['BROWSER'] || desktop;
  const hasScreen =
    process.platform === 'darwin' ||
    ['DISPLAY', 'WAYLAND_DISPLAY', 'BROWSER'].some((name) => context.env[name]);
  if (options.print || !hasScreen || !(await openProgram(browser, [url]))) context.stdout.line(url);
  else context.stderr.line(`opening ${url}`);
  return exitCodes.ok;
}
