import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { targets } from './targets.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    target: { type: 'string', multiple: true },
    case: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const names = targets.map(({ name }) => name);
const unknown = values.target?.find((name) => !names.includes(name));

if (values.help || unknown !== undefined) {
  if (unknown !== undefined) console.error(`there is no target ${unknown}\n`);
  console.log(
    `npm run fuzz -- [--cases N] [--seed N] [--target NAME]… [--case N]

Feeds damaged templates to Kiln's readers and looks for crashes, stacks in messages, places outside of the file and
texts that take long. --case runs one case again; it needs --seed and --target.

Targets: ${names.join(', ')}`,
  );
  process.exitCode = unknown === undefined ? 0 : 2;
} else {
  const seed = Number(values.seed);
  console.log(`seed ${seed}`);
  const cases = values.case === undefined ? Number(values.cases) : 1;
  const { faults, good } = await fuzz({
    seed,
    cases,
    ...(values.case !== undefined && { first: Number(values.case) }),
    ...(values.target && { only: values.target }),
    onFault: ({ target, number, fault, text }) => {
      console.log(`\n--seed ${seed} --target ${target} --case ${number}\n${fault}\n${shown(text)}`);
    },
  });
  console.log(`\n${cases} texts, ${good} of them good in spite of their changes, ${faults.length} faults`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

/** A text so that it can be copied out of a terminal, whatever is in it. */
function shown(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length > 2_000 ? `${quoted.slice(0, 2_000)}… (${text.length} characters)` : quoted;
}
