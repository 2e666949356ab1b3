import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Diagnostic } from '../../../base/diagnostics.ts';
import type { SourceLocation } from '../../../base/errors.ts';
import type { ImageRef } from '../../../plan/image-ref.ts';
import type { Build, Plan } from '../../../plan/plan.ts';
import { withoutFolder } from '../../../plan/relative-paths.ts';
import type { FileStep, PowershellStep, ShellStep, Step } from '../../../plan/step.ts';
import type { Text } from '../../../plan/text.ts';
import { newestApiVersion } from '../model/api-version.ts';
import { vmSize } from '../plan/vm-size.ts';
import { Losses, quoted } from './losses.ts';

type Json = Record<string, unknown>;

/** Images of the marketplace for the systems that Kiln makes itself. */
const marketplace: Readonly<Record<string, readonly [publisher: string, offer: string, sku: string]>> = {
  'debian/11': ['Debian', 'debian-11', '11-gen2'],
  'debian/12': ['Debian', 'debian-12', '12-gen2'],
  'debian/13': ['Debian', 'debian-13', '13-gen2'],
  'ubuntu/22.04': ['Canonical', '0001-com-ubuntu-server-jammy', '22_04-lts-gen2'],
  'ubuntu/24.04': ['Canonical', 'ubuntu-24_04-lts', 'server'],
};
const codenames: Readonly<Record<string, string>> = {
  bullseye: '11',
  bookworm: '12',
  trixie: '13',
  jammy: '22.04',
  noble: '24.04',
};

/**
 * The builds of a plan, whatever language it was written in, as a deployment template of Azure with an image template
 * each. What cannot be said there is lost, and told.
 */
export function planAsAzure(plan: Plan): {
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
} {
  const losses = new Losses();
  const writer = new Writer(plan, losses);
  const resources = plan.builds.flatMap((build) => writer.resource(build) ?? []);
  if (plan.machines.length > 0) {
    losses.add(
      { file: plan.origin.file, line: 1, column: 1 },
      'the machines of the file are lost: Azure builds images alone',
    );
  }
  const template = {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters: {
      identityId: {
        type: 'string',
        metadata: { description: 'Id of the user-assigned identity that builds.' },
      },
      galleryName: {
        type: 'string',
        defaultValue: 'images',
        metadata: { description: 'The gallery for the images.' },
      },
      location: { type: 'string', defaultValue: '[resourceGroup().location]' },
    },
    resources,
  };
  return { text: `${JSON.stringify(template, null, 2)}\n`, diagnostics: losses.list() };
}

class Writer {
  readonly #plan: Plan;
  readonly #losses: Losses;

  constructor(plan: Plan, losses: Losses) {
    this.#plan = plan;
    this.#losses = losses;
  }

  resource(build: Build): Json | undefined {
    const { source, name } = build;
    const at = build.at ?? this.#start();
    if (source.kind === 'null' || source.kind === 'file') {
      this.#losses.add(at, `the build ${name} is lost: it makes no image of a machine`);
      return undefined;
    }
    const isTree = source.kind === 'rootfs';
    const image: ImageRef = isTree
      ? { kind: 'distribution', ...source.os }
      : (source.installer ?? source.disk);
    const isRoot = isTree || (source.communicator.kind === 'ssh' && source.communicator.username === 'root');
    const customize = build.steps.flatMap((step) => this.#customizers(step, isRoot));
    const diskSize = isTree ? undefined : source.result.diskSize;
    if (!isTree && source.boot.command.length > 0)
      this.#losses.add(
        at,
        'what is typed when the machine boots is lost: Azure starts from systems that are installed',
      );
    return {
      type: 'Microsoft.VirtualMachineImages/imageTemplates',
      apiVersion: newestApiVersion,
      name: name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 64),
      location: "[parameters('location')]",
      identity: { type: 'UserAssigned', userAssignedIdentities: { "[parameters('identityId')]": {} } },
      properties: {
        source: this.#source(image, at),
        ...(customize.length > 0 && { customize }),
        vmProfile: {
          vmSize: isTree ? '' : sizeFor(source.hardware.cpus, source.hardware.memory),
          osDiskSizeGB: diskSize === undefined ? 0 : Math.ceil(diskSize / 2 ** 30),
        },
        distribute: this.#distribute(build, at),
      },
    };
  }

  #source(image: ImageRef, at: SourceLocation): Json {
    if (image.kind === 'distribution') {
      const { distribution, release } = image;
      const known = marketplace[`${distribution}/${codenames[release] ?? release}`];
      if (known) {
        const [publisher, offer, sku] = known;
        return { type: 'PlatformImage', publisher, offer, sku, version: 'latest' };
      }
    }
    if (image.kind === 'store') {
      const [name = '', tag = 'latest'] = image.reference.split(':');
      const version = /^\d+\.\d+\.\d+$/.test(tag) ? tag : 'latest';
      return { type: 'SharedImageVersion', imageVersionId: definitionId(definitionOf(name), version) };
    }
    this.#losses.add(
      at,
      'what the build starts from is to be filled in: Azure starts from its marketplace, a managed image or a gallery',
      'put publisher, offer and sku in their places',
    );
    return {
      type: 'PlatformImage',
      publisher: '<publisher>',
      offer: '<offer>',
      sku: '<sku>',
      version: 'latest',
    };
  }

  #customizers(step: Step, isRoot: boolean): readonly Json[] {
    const name = step.name === undefined ? {} : { name: step.name };
    if (step.maxRetries > 0) this.#lose(step, 'how often it is tried is lost');
    if (step.continueOnError) this.#lose(step, 'that it may fail is lost');
    switch (step.kind) {
      case 'shell':
        return this.#shell(step, isRoot).map((one) => ({ type: 'Shell', ...name, ...one }));
      case 'powershell':
        return this.#powershell(step).map((one) => ({ type: 'PowerShell', ...name, ...one }));
      case 'windows-restart':
        return [
          {
            type: 'WindowsRestart',
            ...name,
            restartCommand: this.#text(step.restartCommand, step),
            ...(step.checkCommand !== undefined && {
              restartCheckCommand: this.#text(step.checkCommand, step),
            }),
            restartTimeout: `${Math.ceil(step.restartTimeout / 60_000)}m`,
          },
        ];
      case 'file':
        return this.#file(step).map((one) => ({ ...name, ...one }));
      case 'sleep':
        return [{ type: 'Shell', ...name, inline: [`sleep ${Math.ceil(step.duration / 1000)}`] }];
      case 'breakpoint':
        return [];
      default:
        this.#lose(step, `a step of the kind ${step.kind} is lost`);
        return [];
    }
  }

  #shell(step: ShellStep, isRoot: boolean): readonly Json[] {
    if (step.download) {
      const { url, digests } = step.download;
      const sha = digests.find(({ algorithm }) => algorithm === 'sha256')?.hex;
      return [{ scriptUri: url, ...(sha !== undefined && { sha256Checksum: sha }) }];
    }
    const command = this.#text(step.executeCommand, step);
    const [, user] = /\b(?:runuser -u|sudo(?: -\w)* -u)\s+(\S+)/.exec(command) ?? [];
    const isBuildUser = user === 'kiln';
    const wasRoot = user === undefined ? isRoot || /\bsudo\b/.test(command) : false;
    const become =
      user === undefined ? (wasRoot ? 'sudo ' : '') : isBuildUser ? '' : `sudo -u ${quoted(user)} `;
    // Only root installs packages.
    const needed = step.environment.filter(([variable]) => become !== '' || variable !== 'DEBIAN_FRONTEND');
    const variables = needed
      .map(([variable, value]) => `${variable}=${quoted(this.#text(value, step))}`)
      .join(' ');
    const environment = variables === '' ? '' : `env ${variables} `;
    if (step.expectDisconnect)
      this.#lose(step, 'that the machine may restart is lost: Azure has no restart of Linux');
    if (step.script.kind === 'inline') {
      const lines = step.script.lines.flatMap((line) => this.#text(line, step).split('\n'));
      if (become === '' && environment === '' && /^\/bin\/sh -e/.test(step.inlineShebang))
        return [{ inline: inlines(lines) }];
      return [
        {
          inline: inlines([
            `${become}${environment}${step.inlineShebang || '/bin/sh'} -s <<'END_OF_SCRIPT'`,
            ...lines,
            'END_OF_SCRIPT',
          ]),
        },
      ];
    }
    return step.script.paths.flatMap((path) => {
      const text = this.#content(path, step);
      if (text === undefined) return [];
      const target = `/tmp/${basename(path)}`;
      return [
        {
          inline: inlines([
            `cat > ${quoted(target)} <<'END_OF_SCRIPT'`,
            ...text.replace(/\n$/, '').split('\n'),
            'END_OF_SCRIPT',
            `chmod +x ${quoted(target)}`,
            `${become}${environment}${quoted(target)}`,
            `rm -f ${quoted(target)}`,
          ]),
        },
      ];
    });
  }

  #powershell(step: PowershellStep): readonly Json[] {
    if (step.environment.length > 0) this.#lose(step, 'the variables of its environment are lost');
    const more = {
      ...(step.elevated && {
        runElevated: true,
        ...(step.elevated.user === 'SYSTEM' && { runAsSystem: true }),
      }),
      ...(step.validExitCodes.join() !== '0' && { validExitCodes: step.validExitCodes }),
    };
    if (step.download) return [{ scriptUri: step.download.url, ...more }];
    if (step.script.kind === 'inline') {
      const lines = step.script.lines.flatMap((line) => this.#text(line, step).split('\n'));
      return [{ inline: inlines(lines), ...more }];
    }
    return step.script.paths.flatMap((path) => {
      const text = this.#content(path, step);
      return text === undefined ? [] : [{ inline: inlines(text.replace(/\n$/, '').split(/\r?\n/)), ...more }];
    });
  }

  /** The service's user writes below /tmp alone. */
  #file(step: FileStep): readonly Json[] {
    if (step.direction === 'download') {
      this.#lose(step, 'bringing files out of the machine is lost');
      return [];
    }
    const destination = this.#text(step.destination, step);
    const [owner, group] = (step.owner ?? '').split(':');
    const install = (from: string, to: string): string =>
      [
        'sudo install -D',
        step.mode === undefined ? '-m 644' : `-m ${step.mode.toString(8)}`,
        ...(owner ? [`-o ${quoted(owner)}`] : []),
        ...(group ? [`-g ${quoted(group)}`] : []),
        quoted(from),
        quoted(to),
      ].join(' ');
    if (step.content !== undefined) {
      const encoded = Buffer.from(this.#text(step.content, step)).toString('base64');
      const lines = [
        `echo ${encoded} | base64 -d > /tmp/written-file`,
        install('/tmp/written-file', destination),
        'rm -f /tmp/written-file',
      ];
      return [{ type: 'Shell', inline: inlines(lines) }];
    }
    if (step.download)
      return this.#moved(
        step.download.url,
        basename(new URL(step.download.url).pathname),
        destination,
        install,
      );
    return step.sources.flatMap((source) => {
      const path = this.#text(source, step);
      if (path.endsWith('/') || !isFile(path)) {
        this.#lose(
          step,
          `the folder ${path} is lost: Azure copies single files`,
          'pack it, and unpack it with a Shell customizer',
        );
        return [];
      }
      this.#lose(
        step,
        `${path} has to be where Azure can fetch it`,
        'put it to a storage account, and its address into "sourceUri"',
      );
      return this.#moved(withoutFolder(path, this.#plan.origin.folder), basename(path), destination, install);
    });
  }

  #moved(
    uri: string,
    name: string,
    destination: string,
    install: (from: string, to: string) => string,
  ): readonly Json[] {
    const target = destination.endsWith('/') ? `${destination}${name}` : destination;
    if (/^\/tmp\/[^/]+$/.test(target) || /^[A-Za-z]:/.test(target))
      return [{ type: 'File', sourceUri: uri, destination: target }];
    const between = `/tmp/${name}`;
    return [
      { type: 'File', sourceUri: uri, destination: between },
      { type: 'Shell', inline: inlines([install(between, target), `rm -f ${quoted(between)}`]) },
    ];
  }

  #distribute(build: Build, at: SourceLocation): readonly Json[] {
    const names = new Set<string>();
    const unique = (wanted: string): string => {
      const word = wanted.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 60) || 'image';
      let name = word;
      for (let number = 2; names.has(name); number++) name = `${word}-${number}`;
      names.add(name);
      return name;
    };
    const targets = build.outputs.flat().flatMap((output): readonly Json[] => {
      if (output.kind === 'store') {
        const definitions = new Set(output.references.map((one) => definitionOf(one.split(':')[0]!)));
        return [...definitions].map((one) => ({
          type: 'SharedImage',
          runOutputName: unique(one),
          galleryImageId: definitionId(one),
          targetRegions: [{ name: "[parameters('location')]" }],
        }));
      }
      if (output.kind === 'disk' && output.format.startsWith('vhd') && output.format !== 'vhdx') {
        return [{ type: 'VHD', runOutputName: unique(output.name ?? 'disk') }];
      }
      this.#losses.add(output.at ?? at, `an output of the kind ${output.kind} is lost`);
      return [];
    });
    if (targets.length > 0) return targets;
    const definition = definitionOf(build.name);
    return [
      {
        type: 'SharedImage',
        runOutputName: definition,
        galleryImageId: definitionId(definition),
        targetRegions: [{ name: "[parameters('location')]" }],
      },
    ];
  }

  /** What only the running build can fill in is lost. */
  #text(text: Text, step: Step): string {
    if (typeof text === 'string') return text;
    const command = 'executeCommand' in step && text === step.executeCommand;
    if (!command && text.source.includes('{{'))
      this.#lose(step, `what is filled in while the build runs is lost: ${text.source}`);
    return text.source;
  }

  #content(path: string, step: Step): string | undefined {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      this.#lose(step, `the script ${path} is lost: it cannot be read`);
      return undefined;
    }
  }

  #lose(step: Step, message: string, hint?: string): void {
    this.#losses.add(step.at ?? this.#start(), `${step.name ? `${step.name}: ` : ''}${message}`, hint);
  }

  #start(): SourceLocation {
    return { file: this.#plan.origin.file, line: 1, column: 1 };
  }
}

/** A definition has no slash in its name. */
function definitionOf(name: string): string {
  return (name.split('/').at(-1) ?? name).replace(/[^A-Za-z0-9._-]+/g, '-') || 'image';
}

function definitionId(definition: string, version?: string): string {
  const names = [definition, ...(version === undefined ? [] : [version])].map((one) => `'${one}'`).join(', ');
  const type = `Microsoft.Compute/galleries/images${version === undefined ? '' : '/versions'}`;
  return `[resourceId('${type}', parameters('galleryName'), ${names})]`;
}

/** Lines as a deployment takes them: a bracket in front begins an expression unless there are two. */
function inlines(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line.startsWith('[') ? `[${line}` : line));
}

/** The smallest of common sizes that has room. */
function sizeFor(cpus: number, memory: number): string {
  const sizes = [
    'Standard_D1_v2',
    'Standard_D2s_v5',
    'Standard_D4s_v5',
    'Standard_D8s_v5',
    'Standard_D16s_v5',
    'Standard_D32s_v5',
  ];
  return (
    sizes.find((name) => vmSize(name)!.cpus >= cpus && vmSize(name)!.memory >= memory) ?? 'Standard_D64s_v5'
  );
}

function isFile(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
