import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import {
  type Body,
  type EvalContext,
  fromPlain,
  parseConfig,
  Source,
  standardFunctions,
} from '../../packages/hcl/src/index.ts';
import { scan } from '../../packages/hcl/src/syntax/scanner.ts';
import { type Contender, measure, median, report } from './measure.ts';
import { hasPeer } from './peers.ts';

/** The HCL library on a file of a megabyte: scanning, parsing, evaluating; and as a process, beside Packer's. */
export async function benchHcl(runs: number): Promise<void> {
  const text = largeFile(1 << 20);
  const megabytes = Buffer.byteLength(text) / 1e6;
  const context: EvalContext = {
    variables: new Map([['var', fromPlain({ version: '13' })]]),
    functions: standardFunctions(),
  };
  const work: readonly (readonly [name: string, run: () => void])[] = [
    ['scan', () => scan(new Source(text, 'large.pkr.hcl'))],
    ['parse', () => parse(text)],
    ['parse and evaluate', () => evaluateAll(parse(text), context)],
  ];
  console.log(`\nhcl: a file of ${megabytes.toFixed(2)} MB, in one process`);
  for (const [name, run] of work) {
    const seconds = median(timesOf(run, runs));
    const speed = (megabytes / seconds).toFixed(1);
    console.log(`  ${name.padEnd(28)} median ${seconds.toFixed(4)} s   ${speed} MB/s`);
  }
  if (hasPeer('packer')) await besidePacker(text, runs);
}

function parse(text: string): Body {
  const { value, diagnostics } = parseConfig(text, 'large.pkr.hcl');
  if (diagnostics.length > 0) throw new Error(diagnostics[0]!.detail);
  return value;
}

function evaluateAll(body: Body, context: EvalContext): void {
  const { attributes, blocks } = body.everything();
  for (const { expression } of attributes.values()) {
    const { diagnostics } = expression.evaluate(context);
    if (diagnostics.length > 0) throw new Error(diagnostics[0]!.detail);
  }
  for (const block of blocks) evaluateAll(block.body, context);
}

/** Seconds of each run; two go first, uncounted. */
function timesOf(run: () => void, runs: number): number[] {
  const all = Array.from({ length: runs + 2 }, () => {
    const started = performance.now();
    run();
    return (performance.now() - started) / 1000;
  });
  return all.slice(2);
}

const countBlocks = `
import { readFileSync } from 'node:fs';
import { parseConfig } from './src/index.ts';
console.log(parseConfig(readFileSync(process.argv[2]), 'large.pkr.hcl').value.everything().blocks.length);
`;

/** Both read the same file and say what is in it. Ours is bundled, as in what people install. */
async function besidePacker(text: string, runs: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-bench-'));
  try {
    const file = join(folder, 'large.pkr.hcl');
    writeFileSync(file, text);
    const program = join(folder, 'count.cjs');
    buildSync({
      stdin: {
        contents: countBlocks,
        resolveDir: fileURLToPath(new URL('../../packages/hcl', import.meta.url)),
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: program,
      logLevel: 'error',
    });
    const contenders: Contender[] = [
      { name: 'parse the file', command: [process.execPath, program, file] },
      {
        name: 'packer inspect',
        command: ['packer', 'inspect', file],
        env: { CHECKPOINT_DISABLE: '1', HOME: folder, PACKER_CONFIG_DIR: folder },
      },
    ];
    console.log(report('\nhcl: the same file, as a process', await measure(contenders, runs)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sources of plain arguments, lists, objects and blocks, as templates have them. */
function largeFile(size: number): string {
  const parts = ['variable "version" {\n  default = "13"\n}\n\n'];
  let length = 0;
  for (let number = 0; length < size; number++) {
    const part = `source "null" "image-${number}" {
  communicator = "none"
  ssh_host     = "host-${number}.example.com"
  ssh_port     = ${2200 + number}
  pause        = true # as long as it takes
  boot_command = [
    "<esc><wait>",
    "linux /install.amd64 auto=true priority=critical<enter>",
  ]
  iso_url = "https://example.com/debian-\${var.version}.iso"
  tags    = { role = "web", size = 10, owner = null }

  disk {
    size   = 4096
    format = "qcow2"
  }
}

`;
    parts.push(part);
    length += part.length;
  }
  return parts.join('');
}
