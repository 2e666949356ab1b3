import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { showValue } from '@kiln/hcl';
import { runPlan } from '../../../engine/run-plan.ts';
import { realServices } from '../../../engine/test-support.ts';
import { openPackerHcl } from './open-project.ts';
import type { PackerHclProject } from './packer-project.ts';
import { type CorpusCase, corpus } from './testing/corpus.ts';
import { complaints, writeProject } from './testing/projects.ts';

const hasPacker = spawnSync('packer', ['version']).error === undefined;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  /** Both streams. */
  readonly output: string;
}

function run(
  program: string,
  args: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env, timeout: 120_000 };
    execFile(program, args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
      resolve({ code, stdout, output: `${stdout}${stderr}` });
    });
  });
}

/** `-var`, `-var-file`, `-only` and `-except` of a case, as Packer's command line has them. */
function flags({
  variables = {},
  variableFiles = [],
  only = [],
  except = [],
}: CorpusCase): readonly string[] {
  return [
    ...Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`),
    ...variableFiles.map((file) => `-var-file=${file}`),
    ...only.map((pattern) => `-only=${pattern}`),
    ...except.map((pattern) => `-except=${pattern}`),
  ];
}

function target({ files, target: named }: CorpusCase): string {
  if (named !== undefined) return named;
  return typeof files === 'string' ? 't.pkr.hcl' : '.';
}

function environment(one: CorpusCase, folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: folder,
    CHECKPOINT_DISABLE: '1',
    PACKER_NO_COLOR: '1',
    PACKER_CACHE_DIR: join(folder, '.cache'),
    ...one.env,
  };
}

async function open(t: TestContext, one: CorpusCase): Promise<PackerHclProject> {
  const cwd = await writeProject(t, one.files);
  return openPackerHcl({
    file: target(one),
    cwd,
    env: { HOME: cwd, ...one.env },
    variables: one.variables ?? {},
    variableFiles: one.variableFiles ?? [],
    startedAt: new Date(),
  });
}

/** Runs through the cases, two at a time: Packer's processes mostly wait for each other. */
async function forEach(
  cases: readonly CorpusCase[],
  work: (one: CorpusCase) => Promise<void>,
): Promise<void> {
  const left = [...cases];
  const worker = async (): Promise<void> => {
    for (let one = left.shift(); one; one = left.shift()) await work(one);
  };
  await Promise.all([worker(), worker()]);
}

test('right and wrong templates are told apart', async (t) => {
  const others: string[] = [];
  for (const one of corpus) {
    const project = await open(t, one);
    const { plan, diagnostics } = project.plan({ only: one.only ?? [], except: one.except ?? [] });
    if ((plan !== undefined) !== one.isRight)
      others.push([one.name, ...complaints({ diagnostics })].join('\n'));
  }
  assert.deepEqual(others, []);
});

test('Packer tells them apart in the same way, or it is known why not', {
  skip: !hasPacker && 'packer is not installed',
}, async (t) => {
  const others: string[] = [];
  await forEach(corpus, async (one) => {
    const folder = await writeProject(t, one.files);
    const args = ['validate', ...flags(one), target(one)];
    const { code, output } = await run('packer', args, folder, environment(one, folder));
    const isExpected = (code === 0) === (one.isRight === (one.packerDiffers === undefined));
    if (!isExpected) others.push(`${one.name}\n${output}`);
  });
  assert.deepEqual(others, []);
});

/** What `packer inspect` prints, from a project of Kiln's. */
function inspected(project: PackerHclProject): string {
  const values = (
    prefix: string,
    list: readonly { name: string; value: Parameters<typeof showValue>[0] }[],
  ) =>
    list
      .map(({ name, value }) => `${prefix}.${name}: ${JSON.stringify(showValue(value))}`)
      .sort()
      .join('\n');
  const named = ({ type, name }: { type: string; name: string }): string => (name ? `${type}.${name}` : type);
  const builds = project.builds.map(({ name, sources, provisioners, postProcessors }, index) =>
    [
      `> ${name || `<unnamed build ${index}>`}`,
      ...sources,
      'provisioners',
      ...(provisioners.length > 0 ? provisioners.map(named) : ['<no provisioner>']),
      'post-processors',
      ...(postProcessors.length > 0
        ? postProcessors.flatMap((chain, at) => [`${at}`, ...chain.map(named)])
        : ['<no post-processor>']),
    ].join('\n'),
  );
  return [values('var', project.variables), values('local', project.locals), ...builds].join('\n');
}

test('Packer shows the same variables, locals and builds', {
  skip: !hasPacker && 'packer is not installed',
}, async (t) => {
  const shown = corpus.filter(
    ({ isRight, packerDiffers, reportDiffers }) => isRight && !packerDiffers && !reportDiffers,
  );
  await forEach(shown, async (one) => {
    const folder = await writeProject(t, one.files);
    const args = ['inspect', ...flags({ ...one, only: [], except: [] }), target(one)];
    const { stdout } = await run('packer', args, folder, environment(one, folder));
    // Warnings stand before the report.
    const lines = stdout
      .slice(stdout.indexOf('> input-variables:'))
      .split('\n')
      .map((line) => line.trim().replace(/:$/, ''))
      .filter(
        (line) =>
          line !== '' &&
          !/^(?:Packer Inspect|> (?:input-variables|local-variables|builds)|sources$)/.test(line),
      );
    const mine = inspected(await open(t, one))
      .split('\n')
      .filter((line) => line !== '');
    assert.deepEqual(mine, lines, one.name);
  });
});

/** Builds a case in a folder of its own with the real engine, and gives the folder. */
async function buildWithKiln(t: TestContext, one: CorpusCase): Promise<string> {
  const project = await open(t, one);
  const { plan, diagnostics } = project.plan({ only: one.only ?? [], except: one.except ?? [] });
  assert.ok(plan, complaints({ diagnostics }).join('\n'));
  const services = realServices(join(plan.origin.folder, '.kiln'));
  const { outcome, builds } = await runPlan(plan, { emit: () => {} }, services);
  assert.equal(outcome, 'succeeded', builds.flatMap(({ errors }) => errors.map(String)).join('\n'));
  return plan.origin.folder;
}

test('Packer makes the same files', { skip: !hasPacker && 'packer is not installed' }, async (t) => {
  for (const one of corpus.filter(({ makes }) => makes)) {
    const theirs = await writeProject(t, one.files);
    const { code, output } = await run(
      'packer',
      ['build', ...flags(one), target(one)],
      theirs,
      environment(one, theirs),
    );
    assert.equal(code, 0, `${one.name}\n${output}`);
    const ours = await buildWithKiln(t, one);
    for (const name of one.makes!) {
      const text = await readFile(join(theirs, name), 'utf8');
      assert.equal(await readFile(join(ours, name), 'utf8'), text, `${one.name}: ${name}`);
    }
  }
});
