import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Copy, Variables } from '../../../plan/copy.ts';
import type { PuppetStep } from '../../../plan/puppet-step.ts';
import type { Text } from '../../../plan/text.ts';
import { type LateData, lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';
import { bringFile } from './bring.ts';
import type { StepMeta } from './step-meta.ts';

const lateCommand: LateData = {
  ...lateBuildValues,
  fields: new Set([
    ...lateBuildValues.fields,
    ...['WorkingDir', 'FacterVars', 'ModulePath', 'ModulePathJoiner', 'HieraConfigPath', 'ManifestFile'],
    ...['ManifestDir', 'PuppetBinDir', 'Sudo', 'ExtraArguments', 'Debug', 'Options'],
    ...['PuppetServer', 'PuppetNode', 'ClientCertPath', 'ClientPrivateKeyPath'],
  ]),
  always: true,
};

/** https://developer.hashicorp.com/packer/integrations/hashicorp/puppet: puppet-masterless */
export function readPuppetMasterless(options: Options, meta: StepMeta): PuppetStep | undefined {
  const copies: Copy[] = [];
  const manifest = bringFile(options, 'manifest_file', 'manifest', copies, (path) =>
    isFolder(path) ? 'manifests' : `manifests/${basename(path)}`,
  );
  if (manifest === undefined) options.missing('manifest_file');
  const manifestFolder = bringFile(options, 'manifest_dir', 'folder', copies, () => 'manifests');
  const hieraConfig = bringFile(options, 'hiera_config_path', 'file', copies, () => 'hiera.yaml');
  const places = options.items('module_paths');
  const modulePath = options.strings('module_paths').map((path, index) => {
    options.context.mustExist(path, 'module folder', places[index]?.at ?? options.placeOf('module_paths'));
    const to = `module-${index}`;
    copies.push({ from: options.context.path(path), to });
    return to;
  });
  const step = common(options, meta, copies);
  options.finish();
  if (manifest === undefined) return undefined;
  return {
    ...step,
    run: {
      kind: 'apply',
      manifest,
      ...(manifestFolder !== undefined && { manifestFolder }),
      modulePath,
      ...(hieraConfig !== undefined && { hieraConfig }),
    },
  };
}

/** puppet-server: one run of the agent. */
export function readPuppetServer(options: Options, meta: StepMeta): PuppetStep {
  const copies: Copy[] = [];
  const certificate = bringFile(options, 'client_cert_path', 'file', copies, () => 'cert.pem');
  const privateKey = bringFile(options, 'client_private_key_path', 'file', copies, () => 'key.pem');
  const server = options.string('puppet_server');
  const node = options.string('puppet_node');
  const step = common(options, meta, copies);
  options.finish();
  return {
    ...step,
    run: {
      kind: 'agent',
      ...(server !== undefined && { server }),
      ...(node !== undefined && { node }),
      ...(certificate !== undefined && { certificate }),
      ...(privateKey !== undefined && { privateKey }),
    },
  };
}

const allCodes = Array.from({ length: 256 }, (_one, code) => code);

function common(options: Options, meta: StepMeta, copies: readonly Copy[]): Omit<PuppetStep, 'run'> {
  const folder = options.string('staging_directory') ?? options.string('staging_dir');
  const binaryFolder = options.string('puppet_bin_dir');
  const workingFolder = options.string('working_directory');
  const executeCommand = options.text('execute_command', lateCommand);
  if (options.oneOf('guest_os_type', ['unix', 'windows']) === 'windows')
    options.error('guest_os_type', 'Kiln runs Puppet in POSIX machines only');
  return {
    ...meta,
    kind: 'puppet',
    copies,
    ...(folder !== undefined && { folder }),
    cleanFolder: options.boolean('clean_staging_directory'),
    ...(binaryFolder !== undefined && { binaryFolder }),
    facts: factsOf(options),
    environment: [],
    arguments: options.texts('extra_arguments', lateBuildValues),
    ...(workingFolder !== undefined && { workingFolder }),
    asRoot: !options.boolean('prevent_sudo'),
    install: false,
    validExitCodes: options.boolean('ignore_exit_codes') ? allCodes : [0, 2],
    ...(executeCommand !== undefined && { executeCommand }),
  };
}

/** Packer's own facts, of which those of the template are stronger. */
function factsOf(options: Options): Variables {
  const facts: Record<string, Text> = {
    packer_build_name: options.context.buildName,
    packer_builder_type: { kind: 'template', source: '{{ build_type }}' },
    ...options.textMap('facter', lateBuildValues),
  };
  return Object.entries(facts);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
