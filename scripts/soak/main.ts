import { parseArgs } from 'node:util';
import { testHome } from '../test-home.ts';
import { soak } from './soak.ts';
import { soakFarm } from './soak-farm.ts';
import { soakService } from './soak-service.ts';
import { soakStates } from './soak-states.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(
    'npm run soak -- [builds] [states] [service] [farm] [--runs N] [--seed N]\n\n  builds   interrupts builds at random moments, and looks for anything that stays behind\n  states   kills Kiln or QEMU while states are kept, and looks whether the next build is right\n  service  kills an image service, and cancels, in every state of a run\n  farm     sends runs of nothing through two workers that are killed (needs PostgreSQL)\n\nWithout a name: builds and states, 50 each. service does 40 runs, farm 1000.',
  );
} else {
  console.log(`seed ${values.seed}`);
  const wanted = new Set(positionals.length === 0 ? ['builds', 'states'] : positionals);
  const options = {
    seed: Number(values.seed),
    home: testHome(),
    onRun: (line: string) => console.log(line),
  };
  const runs = (usual: number) => Number(values.runs ?? usual);
  const results = [];
  if (wanted.has('builds')) results.push(await soak({ ...options, runs: runs(50) }));
  if (wanted.has('states')) results.push(await soakStates({ ...options, runs: runs(50) }));
  if (wanted.has('service')) results.push(await soakService({ ...options, runs: runs(40) }));
  if (wanted.has('farm')) results.push(await soakFarm({ ...options, runs: runs(1000) }));
  for (const { runs, finished, faults } of results) {
    console.log(`\n${runs} runs, ${finished} of them done before the moment came, ${faults.length} faults`);
    if (faults.length > 0) process.exitCode = 1;
  }
}
