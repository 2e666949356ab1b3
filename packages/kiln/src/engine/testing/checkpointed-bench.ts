import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import type { KilnEvent } from '../../base/events.ts';
import { runOrFail } from '../../base/processes.ts';
import type { Build, Plan } from '../../plan/plan.ts';
import type { QemuSource } from '../../plan/qemu-source.ts';
import type { Step } from '../../plan/step.ts';
import { runShellLocalStep } from '../../steps/shell-local-step.ts';
import type { StepRunner } from '../../steps/step-context.ts';
import type { EngineServices } from '../engine-services.ts';
import type { BuildResult } from '../plan-result.ts';
import { type PredictedBuild, predictSteps } from '../predict-steps.ts';
import type { CheckpointOptions, RunOptions } from '../run-options.ts';
import { runPlan } from '../run-plan.ts';
import { imageBuild, realServices, shellStep } from '../test-support.ts';
import { diskMachines, linesOn } from './disk-machine.ts';

/** Builds of machines that are only their disks, with everything else as it is for users. */
export class CheckpointedBench {
  readonly root: string;
  readonly home: string;
  readonly folder: string;
  /** What was started, run and ended, in order. */
  readonly told: string[] = [];
  readonly events: KilnEvent[] = [];
  readonly services: EngineServices;
  secrets: readonly string[] = [];

  private constructor(root: string) {
    this.root = root;
    this.home = join(root, 'home');
    this.folder = join(root, 'work');
    this.services = { ...realServices(this.home), host: diskMachines(this.told), runStep: this.#runStep };
  }

  static async make(t: TestContext): Promise<CheckpointedBench> {
    const bench = new CheckpointedBench(await mkdtemp(join(tmpdir(), 'kiln-checkpointed-')));
    t.after(() => rm(bench.root, { recursive: true, force: true }));
    await mkdir(bench.folder);
    const base = join(bench.root, 'base.qcow2');
    await runOrFail('qemu-img', ['create', '-q', '-f', 'qcow2', base, '1M']);
    return bench;
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.folder, name), text);
  }

  /** A build on the bench's base image, with its result in the folder `out`. */
  build(steps: readonly Step[], more: Partial<Build> = {}): Build {
    const image = { kind: 'file', path: join(this.root, 'base.qcow2') } as const;
    const build = imageBuild('web', image, { steps, outputs: [] });
    const source = build.source as QemuSource;
    const result = { ...source.result, directory: join(this.folder, 'out') };
    return { ...build, source: { ...source, result }, ...more };
  }

  /** A step that runs a file of the folder in the machine. */
  script(name: string, more: Partial<Step> = {}): Step {
    return { ...shellStep(join(this.folder, name)), name, ...more } as Step;
  }

  /** Three scripts, `one.sh v1` and so on, each run by a step of its own. */
  async threeSteps(): Promise<readonly [Step, Step, Step]> {
    for (const name of ['one.sh', 'two.sh', 'three.sh']) await this.write(name, `${name} v1`);
    return [this.script('one.sh'), this.script('two.sh'), this.script('three.sh')];
  }

  plan(build: Build): Plan {
    return {
      kind: 'plan',
      origin: { file: join(this.folder, 'template.json'), folder: this.folder, dialect: 'test' },
      builds: [build],
      machines: [],
      secrets: this.secrets,
    };
  }

  /** Runs a build and tells what that took: the steps that were run and what became of machines. */
  async run(
    build: Build,
    checkpoints: Partial<CheckpointOptions> = {},
    options: Partial<RunOptions> = {},
  ): Promise<BuildResult & { readonly did: string }> {
    this.told.length = 0;
    const emit = (event: KilnEvent) => void this.events.push(event);
    const result = await runPlan(
      this.plan(build),
      { emit, checkpoints: { mode: 'disk', use: true, ...checkpoints }, ...options },
      this.services,
    );
    return {
      ...result.builds[0]!,
      did: this.told.map((one) => one.replace(` ${build.name}`, '')).join(', '),
    };
  }

  predict(build: Build, checkpoints: Partial<CheckpointOptions> = {}): Promise<readonly PredictedBuild[]> {
    return predictSteps(this.plan(build), { mode: 'disk', use: true, ...checkpoints }, this.services);
  }

  /** What was run in the machine whose disk is the result. */
  lines(result: BuildResult): Promise<string[]> {
    return linesOn(resolve(this.folder, result.artifacts[0]!.files[0]!), this.root);
  }

  /** A shell step writes its script's text onto the disk; everything else is as it is for users. */
  readonly #runStep: StepRunner<Step> = async (step, context) => {
    this.told.push(`run ${step.name}`);
    if (step.kind === 'shell-local') return runShellLocalStep(step, context);
    const texts =
      'script' in step
        ? step.script.kind === 'files'
          ? await Promise.all(step.script.paths.map((path) => readFile(path, 'utf8')))
          : step.script.lines.map((line) => context.render(line))
        : step.kind === 'file'
          ? await Promise.all(step.sources.map((source) => readFile(context.render(source), 'utf8')))
          : [step.kind];
    for (const text of texts) await context.guest.exec({ command: text.trim() });
  };
}
