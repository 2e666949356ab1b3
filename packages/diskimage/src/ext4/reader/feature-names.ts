/** Names of features as dumpe2fs gives them (e2fsprogs' lib/e2p/feature.c lists the bits). */
export function featureNames(masks: {
  readonly compatible?: number;
  readonly incompatible?: number;
  readonly readOnly?: number;
}): string[] {
  return [
    ...namesOf(masks.compatible ?? 0, compatibleNames, 'FEATURE_C'),
    ...namesOf(masks.incompatible ?? 0, incompatibleNames, 'FEATURE_I'),
    ...namesOf(masks.readOnly ?? 0, readOnlyNames, 'FEATURE_R'),
  ];
}

function namesOf(mask: number, names: readonly (string | undefined)[], unknown: string): string[] {
  const found: string[] = [];
  for (let bit = 0; bit < 32; bit++) if ((mask >>> bit) & 1) found.push(names[bit] ?? `${unknown}${bit}`);
  return found;
}

const compatibleNames = [
  'dir_prealloc',
  'imagic_inodes',
  'has_journal',
  'ext_attr',
  'resize_inode',
  'dir_index',
  'lazy_bg',
  undefined,
  'snapshot_bitmap',
  'sparse_super2',
  'fast_commit',
  'stable_inodes',
  'orphan_file',
];
const incompatibleNames = [
  'compression',
  'filetype',
  'needs_recovery',
  'journal_dev',
  'meta_bg',
  undefined,
  'extent',
  '64bit',
  'mmp',
  'flex_bg',
  'ea_inode',
  undefined,
  'dirdata',
  'metadata_csum_seed',
  'large_dir',
  'inline_data',
  'encrypt',
  'casefold',
];
const readOnlyNames = [
  'sparse_super',
  'large_file',
  undefined,
  'huge_file',
  'uninit_bg',
  'dir_nlink',
  'extra_isize',
  'has_snapshot',
  'quota',
  'bigalloc',
  'metadata_csum',
  'replica',
  'read-only',
  'project',
  'shared_blocks',
  'verity',
  'orphan_present',
];
