import { isObject, type JsonValue } from '../fix/json-value.ts';

/**
 * Options that are blocks in HCL2 although an object of plain values looks like a map. Components say which is which;
 * of those that Kiln does not have, these are the ones that templates use.
 */
const blocks = new Set([
  'assume_role',
  'aws_polling',
  'boot_iso',
  'content_library_destination',
  'disk_encryption_key',
  'efi_config',
  'export',
  'image_encryption_key',
  'linux_options',
  'metadata_options',
  'network_interface',
  'plan_info',
  'placement',
  'rng0',
  'shape_config',
  'shared_gallery_image_version',
  'shared_image_gallery',
  'shared_image_gallery_destination',
  'source_image_filter',
  'spot',
  'tpm_config',
  'vault_aws_engine',
  'vga',
  'windows_options',
]);

/** Options that are maps although something in them looks like a block. */
const maps = new Set(['json', 'override']);

export type OptionForm = 'attribute' | 'block' | 'blocks';

/** How HCL2 writes an option of a component. */
export function optionForm(name: string, value: JsonValue): OptionForm {
  if (maps.has(name)) return 'attribute';
  if (Array.isArray(value)) return value.length > 0 && value.every(isObject) ? 'blocks' : 'attribute';
  if (!isObject(value)) return 'attribute';
  return blocks.has(name) || Object.values(value).some(isNested) ? 'block' : 'attribute';
}

/** The values of a map are single ones. */
function isNested(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null;
}
