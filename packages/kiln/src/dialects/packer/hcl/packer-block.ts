import { type Attribute, type Body, stringType } from '@kiln/hcl';
import type { SourceLocation } from '../../../base/errors.ts';
import { packerVersion } from '../../../text/packer-version.ts';
import type { Problems } from '../problems.ts';
import { placeOf, report } from './diagnostics.ts';
import { evaluate, evaluateAs, plainText } from './evaluate.ts';
import { pluginNameFault, pluginSourceFault } from './plugin-source.ts';
import { meetsConstraint, parseVersion, parseVersionConstraint } from './version-constraint.ts';

/** A plugin that a template asks for. */
export interface RequiredPlugin {
  /** What the template calls it, which begins its components' names: `amazon` of `amazon-ebs`. */
  readonly name: string;
  /** Such as `github.com/hashicorp/amazon`. */
  readonly source: string;
  /** A constraint such as `>= 1.2.0, < 2.0.0`. */
  readonly version: string;
  readonly at: SourceLocation;
}

const schema = {
  attributes: [{ name: 'required_version' }],
  blocks: [{ type: 'required_plugins' }],
} as const;

export interface PackerBlock {
  readonly plugins: readonly RequiredPlugin[];
  /** The template is for another version of Packer, which was reported. */
  readonly isForeign: boolean;
}

/** The block `packer`: checks the version that it wants, and gives the plugins. */
export function readPackerBlock(body: Body, problems: Problems): PackerBlock {
  const { value: content, diagnostics } = body.content(schema);
  report(problems, diagnostics);
  const wanted = content.attributes.get('required_version');
  const isForeign = wanted !== undefined && !isRightVersion(wanted, problems);
  const plugins = content.blocks.flatMap((block) => {
    const { value: attributes, diagnostics: more } = block.body.justAttributes();
    report(problems, more);
    return [...attributes.values()].flatMap((attribute) => readPlugin(attribute, problems) ?? []);
  });
  return { plugins, isForeign };
}

function isRightVersion({ expression }: Attribute, problems: Problems): boolean {
  const value = evaluateAs(expression, stringType, undefined, problems, '"required_version"');
  const text = plainText(value);
  if (text === undefined) return true;
  const at = placeOf(expression.range);
  const conditions = parseVersionConstraint(text);
  if (!conditions) {
    problems.error(at, `"${text}" is no condition on a version`, 'such as ">= 1.7.0" or "~> 1.9"');
    return true;
  }
  if (meetsConstraint(parseVersion(packerVersion)!, conditions)) return true;
  problems.error(
    at,
    `the template wants Packer ${text}; Kiln follows Packer ${packerVersion}`,
    'change "required_version" if the template does not depend on it',
  );
  return false;
}

const pluginExample = 'write { source = "github.com/hashicorp/qemu", version = ">= 1.0.0" }';

function readPlugin({ name, expression }: Attribute, problems: Problems): RequiredPlugin | undefined {
  const at = placeOf(expression.range);
  const fault = pluginNameFault(name) ?? (name === name.toLowerCase() ? undefined : 'it is in small letters');
  if (fault !== undefined) problems.error(at, `"${name}" is no name of a plugin: ${fault}`);
  const value = evaluate(expression, undefined, problems);
  if (!value) return undefined;
  if (value.kind !== 'object') {
    problems.error(at, `the plugin "${name}" must be an object with source and version`, pluginExample);
    return undefined;
  }
  for (const key of value.entries.keys()) {
    if (key === 'source' || key === 'version') continue;
    problems.error(at, `the plugin "${name}" has only source and version, not "${key}"`);
  }
  const source = plainText(value.entries.get('source'));
  const version = plainText(value.entries.get('version'));
  if (source === undefined) problems.error(at, `the plugin "${name}" has no source`, pluginExample);
  else {
    const wrong = pluginSourceFault(source);
    if (wrong !== undefined) {
      problems.error(
        at,
        `"${source}" is no source of a plugin: ${wrong}`,
        'such as github.com/hashicorp/qemu',
      );
    }
  }
  if (version === undefined) problems.error(at, `the plugin "${name}" has no version`, pluginExample);
  else {
    const conditions = parseVersionConstraint(version);
    if (!conditions) problems.error(at, `"${version}" is no condition on a version`, 'such as ">= 1.2.0"');
    else if (conditions.some((condition) => condition.version.prerelease !== '')) {
      problems.error(at, `the condition "${version}" names a prerelease, which is not possible`);
    }
  }
  return source === undefined || version === undefined ? undefined : { name, source, version, at };
}
