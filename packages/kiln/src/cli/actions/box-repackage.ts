import { resolve } from 'node:path';
import { repackageBox } from '../../sources/boxes/repackage-box.ts';
import type { CommandInput } from '../command.ts';
import type { boxRepackageOptions } from '../commands/box.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { withBoxes } from './with-boxes.ts';

export async function run(
  { options, args }: CommandInput<typeof boxRepackageOptions>,
  context: CliContext,
): Promise<number> {
  const [name, provider, version] = [args[0]!, args[1]!, args[2]!];
  const output = options.output ?? 'package.box';
  await withBoxes(context, (services) =>
    repackageBox(services, { name, provider, version }, resolve(context.cwd, output)),
  );
  context.stdout.line(`${output} is the box ${name} ${version} for ${provider}`);
  return exitCodes.ok;
}
