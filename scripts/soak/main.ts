import { parseArgs } from 'node:util';
import { testHome } from '../test-home.ts';
import { soak } from './soak.ts';
import { soakStates } from './soak-states.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(
    'npm run soak -- [builds] [states] [--runs N] [--seed N]\n\n  builds   interrupts builds at random moments, and looks for anything that stays behind\n  states   kills Kiln or QEMU while states are kept, and looks whether the next build is right',
  );
} else {
  console.log(`seed ${values.seed}`);
  const wanted = new Set(positionals.length === 0 ? ['builds', 'states'] : positionals);
  const options = {
    runs: Number(values.runs),
    seed: Number(values.seed),
    home: testHome(),
    onRun: (line: string) => console.log(line),
  };
  const results = [];
  if (wanted.has('builds')) results.push(await soak(options));
  if (wanted.has('states')) results.push(await soakStates(options));
  for (const { runs, finished, faults } of results) {
    console.log(`\n${runs} runs, ${finished} of them done before the moment came, ${faults.length} faults`);
    if (faults.length > 0) process.exitCode = 1;
  }
}
