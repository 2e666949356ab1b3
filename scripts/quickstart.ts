import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * The main job from end to end: a template becomes an image, the image a machine, the machine serves its page. What
 * it makes for the show is removed at the end; the base and the image stay in the store.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const kiln = `${root}kiln`;
const project = `${root}examples/web`;
const started = performance.now();

function heading(text: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`\n== ${text}   (${seconds} s)`);
}

/** Shows the command as a person would type it, and runs it. Ends everything when it fails. */
function show(...args: string[]): void {
  console.log(`$ kiln ${args.map((arg) => (/[^\w./:=-]/.test(arg) ? `'${arg}'` : arg)).join(' ')}`);
  const { status, signal } = spawnSync(kiln, args, { cwd: project, stdio: 'inherit' });
  if (status !== 0) throw new Error(`kiln ${args[0]} ended with ${signal ?? status}`);
}

interface Machine {
  readonly name: string;
  readonly state: string;
  readonly ports: readonly { readonly guest: number; readonly host: number; readonly hostAddress: string }[];
}

function machine(): Machine {
  const { stdout } = spawnSync(kiln, ['status', '--json'], { cwd: project, encoding: 'utf8' });
  return (JSON.parse(stdout) as Machine[])[0]!;
}

async function fetchPage(): Promise<void> {
  const port = machine().ports.find(({ guest }) => guest === 80);
  if (!port) throw new Error('the machine has no port forward to 80');
  const url = `http://${port.hostAddress}:${port.host}/`;
  console.log(`$ curl ${url}`);
  const answer = await fetch(url);
  const page = await answer.text();
  const title = /<h1>(.*)<\/h1>/.exec(page)?.[1];
  if (!answer.ok || title !== 'Made with Kiln')
    throw new Error(`the page is not what was built: ${page.slice(0, 500)}`);
  console.log(`HTTP ${answer.status}: ${title}`);
}

function removeMachine(): void {
  spawnSync(kiln, ['destroy', 'web', '--yes'], { cwd: project, stdio: 'ignore' });
}

// Ctrl-C reaches the kiln command too, which cleans up after itself; this waits for it and then removes the machine.
process.on('SIGINT', () => {});

try {
  heading('What this host offers');
  show('doctor');
  heading('A template becomes an image');
  show('build');
  heading('The image becomes a machine');
  show('up');
  heading('The machine serves its page');
  await fetchPage();
  heading('A command inside; `kiln ssh` logs in');
  show(
    'exec',
    'web',
    '--',
    'sh',
    '-c',
    'echo "$(hostname): Debian $(cat /etc/debian_version), nginx is $(systemctl is-active nginx)"',
  );
  heading('Leaving things tidy');
  show('halt');
  show('destroy', 'web', '--yes');
  show('image', 'list');
  heading('Done. Try it yourself: cd examples/web && ../../kiln up && ../../kiln ssh');
} catch (error) {
  removeMachine();
  console.error(`\nquickstart: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
