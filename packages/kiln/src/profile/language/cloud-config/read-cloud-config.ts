import { isMap, isScalar } from 'yaml';
import { readShape } from '../../../base/yaml/read-shape.ts';
import type { YamlDocument } from '../../../base/yaml/yaml-document.ts';
import type { LayerContext } from '../layer-context.ts';
import type { ProfileLayer } from '../profile-layer.ts';
import { readApt } from './apt.ts';
import { readCommands } from './commands.ts';
import { readGroups } from './groups.ts';
import { LayerBuilder } from './layer-builder.ts';
import { readMoreSettings } from './more-settings.ts';
import { idleKeys, refusedKeys } from './other-keys.ts';
import { readCloudPackages } from './packages.ts';
import { readPasswords } from './passwords.ts';
import { cloudConfig } from './shape.ts';
import { readSystemSettings } from './system.ts';
import { readUsers } from './users.ts';
import { readWriteFiles } from './write-files.ts';

/**
 * Reads a cloud-config file as a profile, as cloud-init describes its modules
 * (https://cloudinit.readthedocs.io/en/latest/reference/modules.html). What a profile cannot do is an error; what is
 * only about the work of cloud-init itself is a warning. Texts are taken as they are: there are no parameters in them.
 */
export function readCloudConfig(
  yaml: YamlDocument,
  what: string,
  outer: LayerContext,
): ProfileLayer | undefined {
  const layer = new LayerBuilder();
  const context = { ...outer, scope: { ...outer.scope, literal: true }, layer };
  reportOtherKeys(yaml, outer);
  const config = readShape(yaml.root, cloudConfig, what, {
    ...context,
    yaml,
    hint: 'docs/profiles.md says what of cloud-config there is',
  });
  if (!config) return undefined;
  readGroups(config, context);
  const defaults = readUsers(config, context);
  readPasswords(config, defaults, context);
  readCloudPackages(config, context);
  readApt(config, context);
  readWriteFiles(config, context);
  readCommands(config, context);
  readSystemSettings(config, context);
  readMoreSettings(config, context);
  return layer.build();
}

/** Known keys that a profile does not do: each with its reason. */
function reportOtherKeys(yaml: YamlDocument, { problems }: LayerContext): void {
  if (!isMap(yaml.root)) return;
  for (const { key } of yaml.root.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    const at = yaml.locate(key.range?.[0] ?? 0);
    const refused = Object.hasOwn(refusedKeys, name) ? refusedKeys[name] : undefined;
    if (refused) problems.error(at, `${name} cannot be honoured: ${refused[0]}`, refused[1]);
    const idle = Object.hasOwn(idleKeys, name) ? idleKeys[name] : undefined;
    if (idle)
      problems.warning(at, `${name} changes nothing: ${idle}`, 'take it out, or leave it to cloud-init');
  }
}
