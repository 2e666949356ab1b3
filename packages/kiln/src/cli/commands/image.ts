import { defineCommand, defineGroup, defineOptions } from '../command.ts';
import { imageCatCommand, imageDiffCommand, imageLsCommand } from './image-files.ts';

const json = { type: 'flag', description: 'Write JSON.' } as const;

const reference = {
  name: 'IMAGE',
  description: 'An image of the store: name, name:tag, or the start of its id.',
  required: true,
} as const;

export const imageListOptions = defineOptions({ json });

const list = defineCommand({
  name: 'list',
  summary: 'List the images of the store',
  description:
    'SIZE is what an image takes on the disk with all it is made on; OWN is what removing it would free.',
  options: imageListOptions,
  arguments: [],
  examples: [{ command: 'kiln image list --json | jq ".[].references"', explanation: 'all names' }],
  load: () => import('../actions/image-list.ts'),
});

export const imageShowOptions = defineOptions({ json });

const show = defineCommand({
  name: 'show',
  summary: 'Show what an image is and where it came from',
  options: imageShowOptions,
  arguments: [reference],
  examples: [{ command: 'kiln image show web', explanation: 'the image web:latest' }],
  load: () => import('../actions/image-show.ts'),
});

export const imageTagOptions = defineOptions({ json });

const tag = defineCommand({
  name: 'tag',
  summary: 'Give an image another name',
  description: 'A name that another image has moves over to this one.',
  options: imageTagOptions,
  arguments: [reference, { name: 'NAME', description: 'The new name, or name:tag.', required: true }],
  examples: [{ command: 'kiln image tag web:latest web:1.0', explanation: 'keep this version under a tag' }],
  load: () => import('../actions/image-tag.ts'),
});

export const imageRemoveOptions = defineOptions({
  force: {
    type: 'flag',
    short: 'f',
    description: 'Remove it although a machine uses it; the machine keeps its disk.',
  },
  json,
});

const remove = defineCommand({
  name: 'remove',
  summary: 'Remove a name, and with the last one the image',
  options: imageRemoveOptions,
  arguments: [{ ...reference, repeats: true }],
  examples: [
    { command: 'kiln image remove web:1.0', explanation: 'one name' },
    { command: 'kiln image remove sha256:3f2a91c0', explanation: 'an image with all its names' },
  ],
  load: () => import('../actions/image-remove.ts'),
});

export const imageExportOptions = defineOptions({
  format: {
    type: 'choice',
    choices: ['qcow2', 'raw', 'vmdk', 'vhd', 'vhd-fixed', 'vhdx', 'vdi', 'ova', 'archive'],
    description: "Format of the file, when its name's ending does not tell.",
  },
  attest: {
    type: 'flag',
    description:
      'Write a signed statement and the bills of materials beside the file, for `kiln image verify FILE`.',
  },
  compress: { type: 'flag', description: 'Compress the file (qcow2, vmdk and archive).' },
  force: { type: 'flag', short: 'f', description: 'Replace a file that is there.' },
  json,
});

const exportCommand = defineCommand({
  name: 'export',
  summary: 'Write an image to a file: its disk, or all of it as an archive',
  description:
    'An archive (.kiln) holds the layers of an image and all that is known of it; `kiln image import` takes it into another store.',
  options: imageExportOptions,
  arguments: [
    reference,
    { name: 'FILE', description: 'The file to write.', required: true, complete: 'file' },
  ],
  examples: [
    { command: 'kiln image export web web.qcow2 --compress', explanation: 'for sending it around' },
    { command: 'kiln image export web web.vhd', explanation: 'for Azure or Hyper-V' },
    { command: 'kiln image export web web.kiln', explanation: 'for another store of Kiln' },
  ],
  load: () => import('../actions/image-export.ts'),
});

export const imageImportOptions = defineOptions({
  checksum: {
    type: 'text',
    value: 'CHECKSUM',
    description:
      'What the file must hash to: sha256:…, or file:URL of a checksum file. A URL needs it, or "none".',
  },
  user: { type: 'text', value: 'USER', description: 'Who to log in as in machines of this image.' },
  firmware: {
    type: 'list',
    value: 'FIRMWARE',
    commas: true,
    complete: ['bios', 'efi'],
    description: 'What it boots with: bios, efi, or both with a comma.',
  },
  json,
});

const importCommand = defineCommand({
  name: 'import',
  summary: 'Put a disk image file or an archive into the store',
  description:
    'Raw, qcow2, vmdk, vhd, vhdx and vdi disks, compressed or not, and archives of `kiln image export` are told by their content, not by their name.',
  options: imageImportOptions,
  arguments: [
    {
      name: 'SOURCE',
      description: 'A file, a URL, or a distribution such as debian/12.',
      required: true,
      complete: 'file',
    },
    { name: 'NAME', description: 'The name to give it, or name:tag.', required: true },
  ],
  examples: [
    { command: 'kiln image import disk.vmdk base:1.0 --user admin', explanation: 'a local disk' },
    {
      command: 'kiln image import https://example.org/disk.qcow2 base --checksum sha256:9b8e…',
      explanation: 'a download',
    },
  ],
  load: () => import('../actions/image-import.ts'),
});

export const imagePruneOptions = defineOptions({
  'dry-run': { type: 'flag', short: 'n', description: 'Only tell what would go.' },
  all: { type: 'flag', description: 'Remove images that have a name too, when no machine uses them.' },
  json,
});

const prune = defineCommand({
  name: 'prune',
  summary: 'Free the disk of what nobody needs',
  description:
    'Removes images without a name that no machine uses, what they alone were made of, and downloads unused for 30 days.',
  options: imagePruneOptions,
  arguments: [],
  examples: [{ command: 'kiln image prune --dry-run', explanation: 'what would go' }],
  load: () => import('../actions/image-prune.ts'),
});

export const imageVerifyOptions = defineOptions({
  key: {
    type: 'text',
    value: 'FILE',
    complete: 'file',
    description: 'A public key in PEM; only what it has signed is good.',
  },
  rebuild: {
    type: 'flag',
    description: 'Build the image again from what is kept with it, and compare the disks bit for bit.',
  },
  json,
});

const verify = defineCommand({
  name: 'verify',
  summary: 'Check that images are what they were when they were made, and who says so',
  description:
    "Looks at the disk, at the documents beside it, and at the signature of the statement of how it was made. Keys that are trusted: this store's own, those of `kiln key trust`, or that of --key alone. A file is checked by the statements in FILE.intoto.jsonl.",
  options: imageVerifyOptions,
  arguments: [
    {
      name: 'IMAGE',
      description: 'An image of the store, or a file. Without it, all images.',
      complete: 'file',
    },
  ],
  examples: [
    { command: 'kiln image verify', explanation: 'all images' },
    {
      command: 'kiln image verify web --rebuild',
      explanation: 'is it really made from its profile and lock?',
    },
    {
      command: 'kiln image verify ./web.qcow2 --key builder.pem',
      explanation: 'a file that came from elsewhere',
    },
  ],
  load: () => import('../actions/image-verify.ts'),
});

export const imageSbomOptions = defineOptions({
  format: {
    type: 'choice',
    choices: ['spdx', 'cyclonedx'],
    description: 'SPDX 2.3 (default) or CycloneDX 1.6.',
  },
  output: { type: 'text', short: 'o', value: 'FILE', complete: 'file', description: 'Write it to a file.' },
});

const sbom = defineCommand({
  name: 'sbom',
  summary: 'Print what is in an image: its packages, their licences, and every file',
  description:
    'The bill of materials is made while the image is built, or from its disk when it is asked for the first time, and signed and kept with the image.',
  options: imageSbomOptions,
  arguments: [reference],
  examples: [
    { command: 'kiln image sbom web > web.spdx.json', explanation: 'SPDX 2.3' },
    {
      command: 'kiln image sbom web --format cyclonedx -o web.cdx.json',
      explanation: 'for scanners of vulnerabilities',
    },
  ],
  load: () => import('../actions/image-sbom.ts'),
});

export const imageProvenanceOptions = defineOptions({
  envelope: {
    type: 'flag',
    description: 'Print the signed envelopes, one a line, instead of what is in them.',
  },
});

const provenance = defineCommand({
  name: 'provenance',
  summary: 'Print the signed statement of how an image was made',
  description:
    'An in-toto statement with SLSA provenance: the template, profile and lock, the state of the project, and everything that went into the image, by digest. It is printed as it was signed; `kiln image verify` checks the signature.',
  options: imageProvenanceOptions,
  arguments: [reference],
  examples: [
    {
      command: 'kiln image provenance web | jq .predicate.buildDefinition.resolvedDependencies',
      explanation: 'what went into it',
    },
    { command: 'kiln image provenance web --envelope > web.intoto.jsonl', explanation: 'for other programs' },
  ],
  load: () => import('../actions/image-provenance.ts'),
});

export const imageCommand = defineGroup({
  name: 'image',
  summary: 'Look after the images of the store',
  commands: [
    list,
    show,
    tag,
    remove,
    exportCommand,
    importCommand,
    prune,
    verify,
    sbom,
    provenance,
    imageLsCommand,
    imageCatCommand,
    imageDiffCommand,
  ],
});
