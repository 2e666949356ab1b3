import { parseArgs } from 'node:util';
import { testHome } from '../test-home.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(
    'npm run soak -- [--runs N] [--seed N]\n\nBuilds and interrupts at random moments, and looks for anything that stays behind.',
  );
} else {
  console.log(`seed ${values.seed}`);
  const { runs, finished, faults } = await soak({
    runs: Number(values.runs),
    seed: Number(values.seed),
    home: testHome(),
    onRun: (line) => console.log(line),
  });
  console.log(`\n${runs} runs, ${finished} of them done before the moment came, ${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
