import type { Diagnostic } from '../../../base/diagnostics.ts';
import { readJson } from '../../../base/json/read-json.ts';
import { Problems } from '../problems.ts';
import { describeNode } from '../value-node.ts';
import * as builders from './builder-fixers.ts';
import * as common from './common-fixers.ts';
import type { Fixer } from './fixer.ts';
import { goJson, isObject, type JsonObject, plainValue } from './json-value.ts';

/** All fixers in the order in which they run: later ones find what earlier ones have made. */
export const fixers: readonly Fixer[] = [
  common.isoMd5,
  common.createTime,
  builders.virtualboxGuestAdditions,
  common.vagrantOverride,
  builders.virtualboxRename,
  builders.vmwareRename,
  builders.parallelsHeadless,
  builders.parallelsDeprecations,
  common.sshKeyPath,
  common.sshDisableAgent,
  builders.scalewayAccessKey,
  common.manifestFilename,
  builders.amazonShutdownBehavior,
  builders.amazonEnhancedNetworking,
  builders.amazonPrivateIp,
  builders.amazonTemporaryCidrs,
  common.dockerEmail,
  common.dockerTagTags,
  common.powershellEscapes,
  builders.vmwareCompaction,
  builders.hypervDeprecations,
  builders.hypervVmcxTypo,
  builders.hypervCpuAndRam,
  common.cleanImageName,
  builders.spotPriceAutoProduct,
  builders.qemuDiskSize,
  common.galaxyCommand,
  builders.commConfig,
  common.sshWaitTimeout,
  builders.vsphereIsoNetworkDisk,
  common.isoChecksumTypeAndUrl,
  builders.qemuHostPort,
  builders.azureExcludeFromLatest,
  builders.proxmoxType,
];

export interface FixedTemplate {
  /** The template with every fix, as JSON without an end of line. Undefined when it is no JSON object. */
  readonly text: string | undefined;
  /** Names of the fixers that have changed something. */
  readonly applied: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Brings a Packer template in JSON up to date: what `packer fix`
 * (https://developer.hashicorp.com/packer/docs/commands/fix) does.
 */
export function fixTemplate({ file, text }: { readonly file: string; readonly text: string }): FixedTemplate {
  const problems = new Problems();
  const node = readJson(file, text, problems);
  const value = node && plainValue(node);
  if (node && !isObject(value)) {
    problems.error(node.at, `a template is an object in braces, not ${describeNode(node)}`);
  }
  if (problems.hasErrors || !isObject(value)) {
    return { text: undefined, applied: [], diagnostics: problems.list() };
  }
  const { template, applied } = applyFixers(value);
  return { text: goJson(template), applied, diagnostics: problems.list() };
}

export function applyFixers(original: JsonObject): {
  readonly template: JsonObject;
  readonly applied: readonly string[];
} {
  let template = original;
  const applied: string[] = [];
  for (const { name, fix } of fixers) {
    const before = goJson(template);
    template = fix(template);
    if (goJson(template) !== before) applied.push(name);
  }
  return { template, applied };
}
