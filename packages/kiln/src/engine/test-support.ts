import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { KilnError } from '../base/errors.ts';
import type { KilnEvent } from '../base/events.ts';
import { runOrFail } from '../base/processes.ts';
import type { Guest } from '../guests/guest.ts';
import type { Host } from '../hosts/host.ts';
import { checkSource, startSource } from '../hosts/index.ts';
import { qemuSource } from '../hosts/testing/qemu-source.ts';
import { createOutputRunner } from '../outputs/run-output.ts';
import type { ImageRef } from '../plan/image-ref.ts';
import type { Build, Plan } from '../plan/plan.ts';
import type { FileSource, Source } from '../plan/source.ts';
import type { ShellLocalStep, ShellStep } from '../plan/step.ts';
import type { Text } from '../plan/text.ts';
import { createImageResolver } from '../sources/resolver.ts';
import { runStep } from '../steps/run-step.ts';
import { runShellLocalStep } from '../steps/shell-local-step.ts';
import { openStore } from '../store/store.ts';
import { createRenderer } from '../text/render-text.ts';
import type { EngineServices } from './engine-services.ts';

/** A temporary `$KILN_HOME` and working folder for one test. */
export interface Bench {
  readonly home: string;
  readonly folder: string;
  readonly events: KilnEvent[];
  readonly services: EngineServices;
  /** What the directory host was told, in order. */
  readonly told: string[];
  plan(builds: readonly Build[], secrets?: readonly string[]): Plan;
}

/**
 * Real steps, outputs, processes and files, but machines that are folders: the engine's order and endings can be watched without
 * waiting for a guest to boot. What QEMU makes of the same calls is tested in its own room.
 */
export async function makeBench(t: TestContext): Promise<Bench> {
  const root = await mkdtemp(join(tmpdir(), 'kiln-engine-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const home = join(root, 'home');
  const folder = join(root, 'work');
  await mkdir(folder);
  const told: string[] = [];
  const directoryHost = hostOfFolders(told);
  const services: EngineServices = {
    ...realServices(home),
    host: {
      check: async () => [],
      start: (source, context) => {
        if (source.kind === 'file') return directoryHost.start(source, context);
        if (source.kind === 'null') return directoryHost.start(scratchSource(context.scratch), context);
        return Promise.reject(new KilnError('unsupported', 'no qemu here'));
      },
    },
  };
  return {
    home,
    folder,
    events: [],
    services,
    told,
    plan: (builds, secrets = []) => ({
      kind: 'plan',
      origin: { file: join(folder, 'template.json'), folder, dialect: 'test' },
      builds,
      machines: [],
      secrets,
    }),
  };
}

export function shellLocal(
  lines: Text | readonly Text[],
  more: Partial<ShellLocalStep> = {},
): ShellLocalStep {
  return {
    kind: 'shell-local',
    script: { kind: 'inline', lines: [lines].flat() },
    inlineShebang: '/bin/sh -e',
    environment: [],
    environmentFormat: "%s='%s' ",
    executeCommand: ['/bin/sh', '-c', { kind: 'template', source: '{{.Vars}} {{.Script}}' }],
    validExitCodes: [0],
    tempfileExtension: '',
    onlyOn: [],
    pauseBefore: 0,
    timeout: 0,
    maxRetries: 0,
    ...more,
  };
}

/** A step that runs one local script in the machine. */
export function shellStep(path: string): ShellStep {
  return {
    kind: 'shell',
    script: { kind: 'files', paths: [path] },
    inlineShebang: '/bin/sh -e',
    environment: [],
    environmentFormat: "%s='%s' ",
    useEnvironmentFile: false,
    environmentFileFolder: '/tmp',
    executeCommand: { kind: 'template', source: '{{.Vars}} {{.Path}}' },
    remoteFolder: '/tmp',
    skipClean: false,
    expectDisconnect: false,
    startRetryTimeout: 1000,
    validExitCodes: [0],
    binary: false,
    pauseAfter: 0,
    pauseBefore: 0,
    timeout: 0,
    maxRetries: 0,
  };
}

export function nullBuild(name: string, more: Partial<Build> = {}): Build {
  return {
    name,
    type: 'null',
    source: { kind: 'null', communicator: { kind: 'none' } },
    steps: [],
    outputs: [],
    ...more,
  };
}

export function fileBuild(name: string, target: string, content: string, more: Partial<Build> = {}): Build {
  return {
    name,
    type: 'file',
    source: { kind: 'file', target, from: { kind: 'content', content } },
    steps: [],
    outputs: [],
    ...more,
  };
}

/** Names of everything under a folder, relative and sorted; empty when there is no such folder. */
export async function filesUnder(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();
  } catch {
    return [];
  }
}

function hostOfFolders(told: string[]): Host<FileSource> {
  return {
    check: async () => [],
    start: async (source, context) => {
      const { name } = context.build;
      told.push(`start ${name}`);
      context.run.ownPath(source.target);
      await writeFile(source.target, source.from.kind === 'content' ? source.from.content : '');
      return {
        guest,
        values: { ID: source.target, ConnType: 'none', User: 'root', Password: 'run-time-password' },
        finish: async () => {
          told.push(`finish ${name}`);
          context.run.disownPath(source.target);
          return {
            builderId: 'test.folder',
            id: 'File',
            description: `Stored file: ${source.target}`,
            files: [source.target],
            destroy: async () => {
              told.push(`destroy ${name}`);
              await rm(source.target, { force: true });
            },
          };
        },
        abandon: async ({ keep }) => {
          told.push(`abandon ${name} keep=${keep}`);
          if (keep) context.run.disownPath(source.target);
          else await rm(source.target, { force: true });
        },
      };
    },
  };
}

function scratchSource(scratch: string): FileSource {
  return { kind: 'file', target: join(scratch, 'null'), from: { kind: 'content', content: '' } };
}

const refuse = () => Promise.reject(new KilnError('unsupported', 'the machine is a folder'));

const guest: Guest = {
  kind: 'none',
  exec: refuse,
  upload: refuse,
  uploadTree: refuse,
  download: refuse,
  downloadTree: refuse,
  close: async () => {},
};

/** A build of a machine whose result goes into the store, with QEMU's numbers but no machine of QEMU's. */
export function imageBuild(name: string, image: ImageRef, more: Partial<Build> = {}): Build {
  const source = qemuSource({
    disk: image,
    shutdown: { acpi: true },
    result: { machineName: name, skipCompaction: true },
  });
  return {
    name,
    type: 'qemu',
    source,
    steps: [],
    outputs: [[{ kind: 'store', references: [name] }]],
    ...more,
  };
}

/** Like the QEMU host, but the machine is only its disk: a layer on the source's image, made by the real qemu-img. */
export function diskHost(told: string[]): Host<Source> {
  return {
    check: async () => [],
    start: async (source, context) => {
      if (source.kind !== 'qemu') throw new KilnError('unsupported', source.kind);
      told.push(`start ${context.build.name}`);
      const image = await context.images.resolve(source.disk, {
        emit: context.emit,
        signal: context.signal,
      });
      const disk = join(context.scratch, 'disk.qcow2');
      await runOrFail('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', image.path, '-F', 'qcow2', disk]);
      await runOrFail('qemu-io', ['-f', 'qcow2', '-c', 'write -P 0x77 0 64k', disk]);
      return {
        guest,
        values: { ID: 'VM' },
        finish: async () => ({
          builderId: 'test.disk',
          id: 'VM',
          description: 'VM disk',
          files: [disk],
          disk: { path: disk, format: 'qcow2', base: image.digest, seeded: false },
          destroy: () => rm(disk, { force: true }),
        }),
        abandon: () => rm(disk, { force: true }),
      };
    },
  };
}

/** What the commands use, hosts and all. */
export function realServices(home: string): EngineServices {
  const store = openStore(home);
  return {
    home,
    store,
    ask: async () => '',
    host: {
      check: (source) => checkSource(source, home),
      start: (source, context) => startSource(source, context, home),
    },
    images: createImageResolver({
      store,
      env: {},
      bootstrap: () => Promise.reject(new KilnError('unsupported', 'nothing is bootstrapped here')),
    }),
    runStep,
    runOutput: createOutputRunner({ store, runShellLocal: runShellLocalStep }),
    createRenderer,
    capacity: { memory: 2 ** 33, cpus: 4 },
  };
}
