import { type Block, type EvalContext, listType, mapType, stringType, type Type } from '@kiln/hcl';
import type { Problems } from '../problems.ts';
import { placeOf, report } from './diagnostics.ts';
import { evaluateAs, plainText } from './evaluate.ts';

const types: Readonly<Record<string, Type>> = {
  bucket_name: stringType,
  description: stringType,
  labels: mapType(stringType),
  bucket_labels: mapType(stringType),
  build_labels: mapType(stringType),
  channels: listType(stringType),
};

const schema = { attributes: Object.keys(types).map((name) => ({ name })) };

/** The block `hcp_packer_registry`: checked, and told to have no effect. */
export function checkRegistryBlock(block: Block, context: EvalContext, problems: Problems): void {
  const at = placeOf(block.headerRange);
  problems.warn(at, 'Kiln sends nothing to HCP Packer: "hcp_packer_registry" has no effect');
  const { value: content, diagnostics } = block.body.content(schema);
  report(problems, diagnostics);
  for (const [name, { expression }] of content.attributes) {
    const value = evaluateAs(expression, types[name]!, context, problems, `"${name}"`);
    const text = plainText(value) ?? '';
    const where = placeOf(expression.range);
    if (name === 'bucket_name' && text !== '' && !/^[A-Za-z0-9-]{3,36}$/.test(text)) {
      problems.error(where, '"bucket_name" has 3 to 36 letters, digits and dashes');
    }
    if (name === 'description' && Buffer.byteLength(text) > 255) {
      problems.error(where, '"description" has at most 255 letters');
    }
  }
  const old = content.attributes.get('labels');
  if (old && content.attributes.has('bucket_labels')) {
    problems.error(placeOf(old.nameRange), 'only one of "labels" and "bucket_labels" is possible');
  }
}
