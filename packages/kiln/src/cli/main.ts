// The version is asked for often and by scripts: it is answered before anything else is loaded.
import { kilnVersion } from '../base/version.ts';

const [, script = '', ...words] = process.argv;
// A link to Kiln with the name of a tool that it stands in for speaks that tool's command line.
const calledAs = /(?:^|[\\/])(packer|vagrant)(?:\.exe)?$/.exec(script)?.[1];
const args = calledAs === undefined ? words : [calledAs, ...words];
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`kiln ${kilnVersion}\n`);
} else {
  const { cacheCompiledCode } = await import('./compile-cache.ts');
  cacheCompiledCode(process.env);
  const { runProgram } = await import('./program.ts');
  await runProgram(args);
}
