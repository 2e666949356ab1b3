import { kilnHome } from '../../base/home.ts';
import { openStore } from '../../store/store.ts';
import type { CommandInput } from '../command.ts';
import type { imageTagOptions } from '../commands/image.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { shortId } from './image-json.ts';

export async function run(
  { options, args }: CommandInput<typeof imageTagOptions>,
  { stdout, env }: CliContext,
): Promise<number> {
  const store = openStore(kilnHome(env));
  const [reference, name] = [args[0]!, args[1]!];
  await store.tag(reference, name);
  const { id } = await store.getImage(name);
  if (options.json) stdout.line(JSON.stringify({ id, name }, null, 2));
  else stdout.line(`${name} is ${shortId(id)} now`);
  return exitCodes.ok;
}
