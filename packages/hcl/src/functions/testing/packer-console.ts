import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The version of the Packer that is installed, or undefined. */
export function packerVersion(): string | undefined {
  const { stdout, status } = spawnSync('packer', ['--version'], { encoding: 'utf8', env: environmentOf({}) });
  return status === 0 ? stdout.trim() : undefined;
}

const failed = 'ERROR';
const batch = 100;

/**
 * What Packer's console makes of each expression, as JSON; `ERROR` for those that it refuses. Many go to it at once,
 * because its start takes longer than anything else; where that fails they go in smaller parts.
 * @param folder To run in; for a temporary file, too.
 */
export async function askPacker(
  folder: string,
  expressions: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const answers: string[] = [];
  for (let start = 0; start < expressions.length; start += batch) {
    answers.push(...(await askPart(folder, expressions.slice(start, start + batch), environment)));
  }
  return answers;
}

async function askPart(
  folder: string,
  expressions: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string[]> {
  const answers = await askOnce(folder, expressions, environment);
  if (answers) return answers;
  if (expressions.length === 1) return [failed];
  const half = Math.ceil(expressions.length / 2);
  const first = await askPart(folder, expressions.slice(0, half), environment);
  return [...first, ...(await askPart(folder, expressions.slice(half), environment))];
}

async function askOnce(
  folder: string,
  expressions: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string[] | undefined> {
  const items = expressions.map((expression) => `try(jsonencode(${expression}), "${failed}")`);
  const file = join(folder, '.packer-question');
  await writeFile(file, `jsonencode([${items.join(', ')}])\n`);
  // Packer reads expressions from its input only when that is a pipe of the shell's kind.
  const command = 'cat .packer-question | packer console --config-type=hcl2';
  const options = { cwd: folder, env: environmentOf(environment), maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], options).catch(() => ({ stdout: '' }));
  try {
    const answers = JSON.parse(stdout) as string[];
    return answers.length === expressions.length ? answers : undefined;
  } catch {
    return undefined;
  }
}

function environmentOf(more: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], CHECKPOINT_DISABLE: '1', ...more };
}
