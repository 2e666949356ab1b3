import assert from 'node:assert/strict';
import { chmod, chown, cp, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { QemuSource } from '../plan/qemu-source.ts';
import type { FileStep, ShellStep, Step } from '../plan/step.ts';
import type { Text } from '../plan/text.ts';
import { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import { BuildStates, type BuildStatesOptions, type MachineState } from './build-states.ts';
import { imageBuild, shellLocal, shellStep } from './test-support.ts';

/** A project with a machine and three steps: a script, a folder that is copied, and inline lines with a variable. */
interface Project {
  folder: string;
  source: QemuSource;
  steps: Step[];
  secrets: string[];
  secretKey: string;
  images: { base: string; installer?: string };
  machine: Record<string, string>;
}

type Edit = (project: Project) => void | Promise<void>;

async function makeProject(t: TestContext): Promise<Project> {
  const root = await mkdtemp(join(tmpdir(), 'kiln-states-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, 'project');
  await mkdir(join(folder, 'page', 'sub'), { recursive: true });
  await writeFile(join(folder, 'setup.sh'), 'echo setup\n', { mode: 0o755 });
  await writeFile(join(folder, 'page', 'index.html'), 'hello');
  await writeFile(join(folder, 'page', 'sub', 'a.txt'), 'a');
  await symlink('index.html', join(folder, 'page', 'link'));
  await mkdir(join(folder, 'http'));
  await writeFile(join(folder, 'http', 'preseed.cfg'), 'x');
  const { source } = imageBuild('web', { kind: 'store', reference: 'base' });
  assert.equal(source.kind, 'qemu');
  return {
    folder,
    source: {
      ...source,
      media: {
        http: {
          directory: join(folder, 'http'),
          portMin: 8000,
          portMax: 9000,
          bindAddress: '0.0.0.0',
        },
      },
      result: { ...source.result, directory: join(folder, 'out') },
    },
    steps: [shellStep(join(folder, 'setup.sh')), copyOf(join(folder, 'page')), inline('greet', 'hello')],
    secrets: [],
    secretKey: 'a',
    images: { base: '1'.repeat(64) },
    machine: { qemu: 'qemu-system-x86_64 7.2', accelerator: 'tcg' },
  };
}

function copyOf(path: Text): FileStep {
  return {
    kind: 'file',
    direction: 'upload',
    sources: [path],
    destination: '/srv',
    generated: false,
    pauseBefore: 0,
    timeout: 0,
    maxRetries: 0,
  };
}

function inline(line: Text, value: Text): ShellStep {
  return { ...shellStep(''), script: { kind: 'inline', lines: [line] }, environment: [['WHAT', value]] };
}

const moments = ['start', 'step 1', 'step 2', 'step 3', 'off', 'result'] as const;
type Moment = (typeof moments)[number];

function statesOf(project: Project, more: Partial<BuildStatesOptions> = {}): BuildStates {
  const { folder, source, steps, secrets, secretKey, images, machine } = project;
  return new BuildStates({
    source,
    steps,
    rules: { folder, secrets, secretKey },
    images,
    machine,
    store: new CheckpointStore(join(folder, 'no home'), undefined),
    refreshFrom: Number.POSITIVE_INFINITY,
    use: true,
    acceptLosses: false,
    ...more,
  });
}

async function walk(project: Project): Promise<readonly MachineState[]> {
  const states = statesOf(project);
  const all = [(await states.first()).state];
  for (const index of project.steps.keys()) all.push((await states.after(index, all.at(-1)!)).state);
  return all;
}

async function keysOf(project: Project): Promise<Record<Moment, string | undefined>> {
  const all = await walk(project);
  const states = statesOf(project);
  const last = all.at(-1)!;
  const keys = [...all.map(({ key }) => key), states.finished(last).key, states.resultKey(last)];
  return Object.fromEntries(moments.map((moment, at) => [moment, keys[at]])) as Record<Moment, string>;
}

function shell(project: Project, index: number, change: Partial<ShellStep>): void {
  project.steps[index] = { ...(project.steps[index] as ShellStep), ...change };
}

function hardware(change: Partial<QemuSource['hardware']>): Edit {
  return (project) => {
    project.source = { ...project.source, hardware: { ...project.source.hardware, ...change } };
  };
}

function boot(change: Partial<QemuSource['boot']>): Edit {
  return (project) => {
    project.source = { ...project.source, boot: { ...project.source.boot, ...change } };
  };
}

function result(change: Partial<QemuSource['result']>): Edit {
  return (project) => {
    project.source = { ...project.source, result: { ...project.source.result, ...change } };
  };
}

function machine(change: Project['machine']): Edit {
  return (project) => {
    Object.assign(project.machine, change);
  };
}

function images(change: Partial<Project['images']>): Edit {
  return (project) => {
    Object.assign(project.images, change);
  };
}

const inProject = (project: Project, ...names: string[]) => join(project.folder, ...names);

/** What is edited, and the first moment of the build that is another for it. */
const edits: Readonly<Record<string, readonly [first: Moment | 'none', edit: Edit]>> = {
  'nothing at all': ['none', () => {}],
  'a byte of a script': ['step 1', (p) => writeFile(inProject(p, 'setup.sh'), 'echo setuP\n')],
  'the mode of a script': ['step 1', (p) => chmod(inProject(p, 'setup.sh'), 0o700)],
  'the time of a script': ['none', (p) => utimes(inProject(p, 'setup.sh'), 1, 1)],
  'a script that is gone': ['step 1', (p) => rm(inProject(p, 'setup.sh'))],
  'the command that runs a script': ['step 1', (p) => shell(p, 0, { executeCommand: '{{ .Path }} -x' })],
  'a byte of a copied file': ['step 2', (p) => writeFile(inProject(p, 'page', 'sub', 'a.txt'), 'b')],
  'the mode of a copied file': ['step 2', (p) => chmod(inProject(p, 'page', 'index.html'), 0o600)],
  'the mode of a copied folder': ['step 2', (p) => chmod(inProject(p, 'page', 'sub'), 0o700)],
  'a new file in a copied folder': ['step 2', (p) => writeFile(inProject(p, 'page', 'sub', 'new'), '')],
  'a new empty folder': ['step 2', (p) => mkdir(inProject(p, 'page', 'empty'))],
  'a file that is gone from a copied folder': ['step 2', (p) => rm(inProject(p, 'page', 'sub', 'a.txt'))],
  'the name of a copied file': [
    'step 2',
    (p) => rename(inProject(p, 'page', 'index.html'), inProject(p, 'page', 'Index.html')),
  ],
  'where a link leads to': [
    'step 2',
    async (p) => {
      await rm(inProject(p, 'page', 'link'));
      await symlink('sub/a.txt', inProject(p, 'page', 'link'));
    },
  ],
  'the destination of a copy': [
    'step 2',
    (p) => {
      p.steps[1] = { ...copyOf(inProject(p, 'page')), destination: '/opt' };
    },
  ],
  'the owner that a copy gets': [
    'step 2',
    (p) => {
      p.steps[1] = { ...copyOf(inProject(p, 'page')), owner: 'www-data' };
    },
  ],
  'a line of an inline script': [
    'step 3',
    (p) => {
      p.steps[2] = inline('greet twice', 'hello');
    },
  ],
  'the value of a variable': ['step 3', (p) => shell(p, 2, { environment: [['WHAT', 'bye']] })],
  'the name of a variable': ['step 3', (p) => shell(p, 2, { environment: [['WHICH', 'hello']] })],
  'the value of a variable that a text names': [
    'step 3',
    async (p) => {
      shell(p, 2, {
        environment: [['WHAT', { kind: 'template', source: '{{ user `x` }}', user: { x: '2' } }]],
      });
    },
  ],
  'a file that nobody reads': ['none', (p) => writeFile(inProject(p, 'README'), 'hi')],
  'how patient to be with a step, and what it is called': [
    'none',
    (p) => {
      shell(p, 0, { name: 'set up', timeout: 5, maxRetries: 3, pauseBefore: 7, continueOnError: true });
      shell(p, 0, { cache: { maxAge: 1 }, at: { file: 'x', line: 1, column: 2 } });
    },
  ],
  'the size of the disk': ['start', result({ diskSize: 2 ** 33 })],
  'one more disk': ['start', result({ additionalDiskSizes: [2 ** 30] })],
  'the number of processors': ['start', hardware({ cpus: 2 })],
  'how much memory there is': ['start', hardware({ memory: 2 ** 30 })],
  'the firmware': ['start', hardware({ firmware: { kind: 'efi', dropVars: false } })],
  'the network device': ['start', hardware({ netDevice: 'e1000' })],
  'the disk interface': ['start', hardware({ diskInterface: 'ide' })],
  'the type of machine': ['start', hardware({ machineType: 'q35' })],
  'options for QEMU': ['start', hardware({ qemuArgs: [['-cpu', 'max']] })],
  'the version of QEMU': ['start', machine({ qemu: 'qemu-system-x86_64 9.0' })],
  'the accelerator that works': ['start', machine({ accelerator: 'kvm' })],
  'the word for the same accelerator': ['none', hardware({ accelerator: 'auto' })],
  'the source image': ['start', images({ base: '2'.repeat(64) })],
  'an installer': ['start', images({ installer: '3'.repeat(64) })],
  'the boot command': ['start', boot({ command: ['<enter>'] })],
  'a file that the machine may fetch': ['start', (p) => writeFile(inProject(p, 'http', 'preseed.cfg'), 'y')],
  'who logs in': [
    'start',
    (p) => {
      p.source = { ...p.source, communicator: { ...p.source.communicator, username: 'admin' } as never };
    },
  ],
  'what only this host sees of the machine': [
    'none',
    boot({
      headless: false,
      wait: 10_000,
      keyInterval: 50,
      hostPortMin: 3000,
      hostPortMax: 4000,
      vnc: { disabled: false, bindAddress: '0.0.0.0', usePassword: true, portMin: 5901, portMax: 5999 },
    }),
  ],
  'the ports of the file server': [
    'none',
    (p) => {
      const { http } = p.source.media;
      p.source = { ...p.source, media: { http: { ...http!, portMin: 1, portMax: 2 } } };
    },
  ],
  'how the machine is turned off': [
    'off',
    (p) => {
      p.source = { ...p.source, shutdown: { ...p.source.shutdown, command: 'poweroff' } };
    },
  ],
  'the name of the result': ['result', result({ machineName: 'other' })],
  'the format of the result': ['result', result({ format: 'raw' })],
  'the folder of the result': ['result', result({ directory: '/elsewhere' })],
};

for (const [what, [first, edit]] of Object.entries(edits)) {
  const words = first === 'none' ? 'no state' : `every state from ${first} on, and none before`;
  test(`${what}: another key for ${words}`, async (t) => {
    const project = await makeProject(t);
    const before = await keysOf(project);
    await edit(project);
    const after = await keysOf(project);
    const changed = moments.filter((moment) => before[moment] !== after[moment]);
    assert.deepEqual(changed, first === 'none' ? [] : moments.slice(moments.indexOf(first)));
    const keys = Object.values(after);
    assert.equal(new Set(keys).size, keys.length, 'all keys differ');
    assert.ok(keys.every((key) => /^[0-9a-f]{64}$/.test(key ?? '')));
  });
}

test('the owner of a file counts', {
  skip: process.getuid?.() !== 0 && 'only root can give files away',
}, async (t) => {
  const project = await makeProject(t);
  const before = await keysOf(project);
  await chown(join(project.folder, 'page', 'index.html'), 12345, 12345);
  const after = await keysOf(project);
  assert.equal(after['step 1'], before['step 1']);
  assert.notEqual(after['step 2'], before['step 2']);
});

test('a project that is moved has the same states, and another result', async (t) => {
  const project = await makeProject(t);
  const before = await keysOf(project);
  const there = join(project.folder, '..', 'moved');
  await cp(project.folder, there, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  const move = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll(project.folder, there)) as T;
  const after = await keysOf(move(project));
  assert.deepEqual({ ...after, result: '' }, { ...before, result: '' });
  assert.notEqual(after.result, before.result);
});

test('steps in another order, one more and one less', async (t) => {
  const project = await makeProject(t);
  const before = await keysOf(project);
  const [one, two, three] = project.steps;
  project.steps = [one!, three!, two!];
  const swapped = await keysOf(project);
  assert.deepEqual([swapped.start, swapped['step 1']], [before.start, before['step 1']]);
  for (const moment of ['step 2', 'step 3', 'off'] as const) assert.notEqual(swapped[moment], before[moment]);
  project.steps = [one!, two!];
  assert.equal((await walk(project)).at(-1)?.key, before['step 2']);
});

test('the name of the machine counts where the machine can learn it', async (t) => {
  for (const show of [
    boot({ command: ['{{ .Name }}<enter>'] }),
    hardware({ qemuArgs: [['-smbios', { kind: 'template', source: 'type=1,serial={{ .Name }}' }]] }),
    (project: Project) => {
      project.source = { ...project.source, seed: true };
    },
  ]) {
    const project = await makeProject(t);
    await show(project);
    const before = await keysOf(project);
    await result({ machineName: 'other' })(project);
    assert.notEqual((await keysOf(project)).start, before.start);
  }
});

test('what is new in every run makes a key that no other run has', async (t) => {
  const late = (source: string): Text => ({ kind: 'template', source });
  const expression = (source: string): Text => ({
    kind: 'template',
    source: '{{ expression 0 }}',
    expressions: [{ source, values: {} }],
  });
  const changing: readonly Text[] = [
    late('{{ timestamp }} {{ build `ID` }}'),
    late('{{ isotime "2006" }}'),
    late('{{ uuid }}{{ .ID }}'),
    { kind: 'template', source: '{{ user `when` }}', user: { when: '{{ isotime }}' } },
    expression('"${timestamp()}-${build.ID}"'),
    expression('uuidv4()'),
    expression('templatefile("motd.tpl", { ip = build.Host })'),
    expression('vault("secret/data/x", build.ID)'),
  ];
  for (const text of changing) {
    const project = await makeProject(t);
    shell(project, 2, { environment: [['WHAT', text]] });
    const [one, two] = [await keysOf(project), await keysOf(project)];
    assert.equal(two['step 2'], one['step 2']);
    assert.notEqual(two['step 3'], one['step 3'], JSON.stringify(text));
    await boot({ command: [text] })(project);
    assert.notEqual((await keysOf(project)).start, (await keysOf(project)).start);
  }
  const steady: readonly Text[] = [
    late('{{ build `ID` }} {{ .Vars }}'),
    late('{{ user `timestamp` }}'),
    expression('upper(build.Host)'),
    'timestamp()',
    '{{ timestamp }}',
  ];
  for (const text of steady) {
    const project = await makeProject(t);
    shell(project, 2, { environment: [['WHAT', text]] });
    assert.deepEqual(await keysOf(project), await keysOf(project), JSON.stringify(text));
  }
});

test('secrets enter keys as digests that only this store can make', async (t) => {
  const project = await makeProject(t);
  project.secrets = ['hunter2', 'say "hi"\nthere'];
  const withSecret = async (value: string, change: Partial<Project> = {}) => {
    const one: Project = { ...project, steps: [...project.steps], ...change };
    shell(one, 2, { environment: [['WHAT', value]] });
    const states = await walk(one);
    return { last: states.at(-1)!.key, secret: states.map(({ hasSecret }) => hasSecret) };
  };
  const [one, again, other] = [
    await withSecret('hunter2'),
    await withSecret('hunter2'),
    await withSecret('say "hi"\nthere'),
  ];
  assert.deepEqual(one, again);
  assert.notEqual(other.last, one.last);
  assert.deepEqual(one.secret, [false, false, false, true]);
  assert.deepEqual(other.secret, [false, false, false, true]);
  // Another store makes another digest of the same secret, and the same of everything else.
  const elsewhere = await withSecret('hunter2', { secretKey: 'b' });
  assert.notEqual(elsewhere.last, one.last);
  assert.equal((await withSecret('plain', { secretKey: 'b' })).last, (await withSecret('plain')).last);
  assert.deepEqual((await withSecret('plain')).secret, [false, false, false, false]);
});

test('a machine that is made with a secret has it from the start', async (t) => {
  const project = await makeProject(t);
  project.secrets = ['hunter2'];
  await boot({ command: ['hunter2<enter>'] })(project);
  assert.deepEqual(
    (await walk(project)).map(({ hasSecret }) => hasSecret),
    [true, true, true, true],
  );
});

test('behind a step that may do anything nobody knows the state, and behind a local script it is the same', async (t) => {
  const project = await makeProject(t);
  const [one, , three] = project.steps;
  const keys = async (second: Step) => {
    project.steps = [one!, second, three!];
    return (await walk(project)).map(({ key }) => key);
  };
  const off = await keys({ ...copyOf(join(project.folder, 'page')), cache: false });
  assert.deepEqual([off[2], off[3]], [undefined, undefined]);
  assert.ok(off[1]);
  const unknown = await keys(copyOf({ kind: 'template', source: '{{ build `ID` }}.txt' }));
  assert.deepEqual([unknown[2], unknown[3]], [undefined, undefined]);
  const local = await keys(shellLocal('make'));
  assert.equal(local[2], local[1]);
  const declared = await keys(shellLocal('make', { cache: {} }));
  assert.notEqual(declared[2], declared[1]);
});

test('outputs have keys of their own, from what they make and from what they are made of', async (t) => {
  const project = await makeProject(t);
  const states = statesOf(project);
  const compress = { kind: 'compress', format: 'gz', level: 1, output: 'out.gz' } as const;
  const key = states.outputKey('a', compress);
  assert.match(key ?? '', /^[0-9a-f]{64}$/);
  assert.equal(states.outputKey('a', { ...compress, name: 'x' }), key);
  assert.notEqual(states.outputKey('b', compress), key);
  assert.notEqual(states.outputKey('a', { ...compress, level: 2 }), key);
  const timed = { ...compress, output: { kind: 'template', source: '{{ isotime }}.gz' } } as const;
  assert.notEqual(states.outputKey('a', timed), statesOf(project).outputKey('a', timed));
  assert.equal(states.outputKey('a', { ...shellLocal('true'), kind: 'shell-local' }), undefined);
  assert.equal(states.outputKey('a', { kind: 'store', references: ['web'] }), undefined);
});
