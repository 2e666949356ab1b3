import type { YamlDocument } from '../../../base/yaml/yaml-document.ts';
import type { LayerContext } from '../layer-context.ts';
import type { ProfileLayer } from '../profile-layer.ts';

export function readCloudConfig(
  yaml: YamlDocument,
  what: string,
  { problems }: LayerContext,
): ProfileLayer | undefined {
  problems.error(
    yaml.locate(0),
    `${what} is cloud-config, which is being written`,
    'wait for the next commit',
  );
  return undefined;
}
