import { spawn } from 'node:child_process';

export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Run before every measurement, not measured. */
  readonly prepare?: () => Promise<void>;
}

export interface Figures {
  readonly name: string;
  /** Wall time of the whole process, in seconds, in the order measured. */
  readonly seconds: readonly number[];
}

/**
 * Runs the contenders in turn, A B A B …, so that a machine whose speed drifts treats all alike. One run of each
 * goes first, uncounted, unless `warmup` is off.
 * @throws Error when a contender fails
 */
export async function measure(
  contenders: readonly Contender[],
  runs: number,
  { warmup = true }: { readonly warmup?: boolean } = {},
): Promise<Figures[]> {
  const seconds = contenders.map((): number[] => []);
  for (let round = warmup ? -1 : 0; round < runs; round++) {
    for (const [index, contender] of contenders.entries()) {
      await contender.prepare?.();
      const took = await once(contender);
      if (round >= 0) seconds[index]!.push(took);
    }
  }
  return contenders.map(({ name }, index) => ({ name, seconds: seconds[index]! }));
}

async function once({ name, command, cwd, env }: Contender): Promise<number> {
  const started = performance.now();
  const [program, ...args] = command;
  let output = '';
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(program!, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${output}`);
  return (performance.now() - started) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Medians of all, and the median of the first one's ratio to each other one, pair by pair. */
export function report(title: string, figures: readonly Figures[]): string {
  const [own, ...others] = figures;
  const lines = [title];
  for (const { name, seconds } of figures) {
    const spread = `${Math.min(...seconds).toFixed(3)}–${Math.max(...seconds).toFixed(3)}`;
    lines.push(
      `  ${name.padEnd(28)} median ${median(seconds).toFixed(3)} s   (${spread}, ${seconds.length} runs)`,
    );
  }
  for (const other of others) {
    const ratios = own!.seconds.map((value, index) => value / other.seconds[index]!);
    lines.push(`  ${`${own!.name} / ${other.name}`.padEnd(28)} median ratio ${median(ratios).toFixed(2)}`);
  }
  return lines.join('\n');
}
