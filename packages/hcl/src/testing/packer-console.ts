import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The reason to skip comparisons with Packer, or false. */
export const packerMissing: string | false = spawnSync('packer', ['version']).error
  ? 'packer is not installed'
  : false;

/**
 * What `packer console` says to an HCL2 expression. One process takes a tenth of a second: put many expressions into
 * one, as `[a, b, c]` or `jsonencode([a, b, c])`. A template gives it locals and variables.
 */
export function packerConsole(expression: string, template = ''): string {
  const home = mkdtempSync(join(tmpdir(), 'packer-console-'));
  try {
    // It reads all lines only from a pipe of the shell; the one that Node makes is a socket.
    const file = join(home, 'template.pkr.hcl');
    writeFileSync(file, template);
    const done = spawnSync('sh', ['-c', 'cat | packer console --config-type=hcl2 "$0"', file], {
      input: `${expression}\n`,
      encoding: 'utf8',
      env: { ...process.env, HOME: home, PACKER_CONFIG_DIR: home, CHECKPOINT_DISABLE: '1', PACKER_LOG: '' },
      timeout: 60_000,
    });
    if (done.error) throw done.error;
    return done.stdout.replace(/\n$/, '');
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** What Packer makes of the expressions when each becomes JSON, which shows all digits of numbers. */
export function packerJson(expressions: readonly string[]): readonly string[] {
  const text = packerConsole(`jsonencode([${expressions.map((one) => `jsonencode(${one})`).join(', ')}])`);
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed)) throw new Error(`packer says: ${text}`);
  return parsed.map(String);
}
