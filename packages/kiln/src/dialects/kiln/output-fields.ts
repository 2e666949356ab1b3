import {
  action,
  choice,
  type Infer,
  list,
  oneOf,
  onOff,
  optional,
  record,
  required,
  text,
  wholeNumber,
} from '../../base/yaml/shape.ts';
import { environment, local } from './step-fields.ts';

/** An output of an image's `outputs`. */
export const output = action(
  'an output',
  {
    disk: optional(
      oneOf(
        text,
        record(
          'disk',
          {
            path: required(text, "The file to write, relative to this file's folder."),
            format: optional(
              choice('raw', 'qcow2', 'vmdk', 'vhd', 'vhd-fixed', 'vhdx', 'vdi', 'ova'),
              "The disk's format.",
              {
                byDefault: "the path's ending",
              },
            ),
            compress: optional(onOff, 'Compress inside the format, where it can (qcow2, vmdk).', {
              byDefault: 'false',
            }),
          },
          { synonyms: { file: 'path', output: 'path', to: 'path', type: 'format' } },
        ),
      ),
      'Write the disk as a file. The outputs below it are about this file.',
    ),
    checksum: optional(
      oneOf(
        text,
        record(
          'checksum',
          {
            path: optional(text, 'The file to write.', {
              byDefault: "the disk's path with the type behind it",
            }),
            types: optional(
              list(choice('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512')),
              'Which checksums.',
              { byDefault: '[sha256]' },
            ),
          },
          { synonyms: { output: 'path', type: 'types', checksum_types: 'types' } },
        ),
      ),
      'Write a checksum file for the disk above.',
    ),
    compress: optional(
      oneOf(
        text,
        record(
          'compress',
          {
            path: required(text, 'The file to write; its ending says how: .gz, .xz, .zst, .zip, .tar.gz ….'),
            level: optional(wholeNumber(1, 19), 'How hard to compress.'),
            keep: optional(onOff, 'Keep the uncompressed disk too.', { byDefault: 'true' }),
          },
          { synonyms: { output: 'path', compression_level: 'level', keep_input_artifact: 'keep' } },
        ),
      ),
      'Compress the disk above. The outputs below it are about the compressed file.',
    ),
    manifest: optional(
      oneOf(
        text,
        record(
          'manifest',
          {
            path: required(text, 'The JSON file that gets an entry for each build.'),
            strip_path: optional(onOff, "Leave folders out of the files' names.", { byDefault: 'false' }),
            data: optional(environment, 'Values of your own to put into the entry.'),
          },
          { synonyms: { output: 'path', custom_data: 'data' } },
        ),
      ),
      'Note what was made in a JSON file.',
    ),
    box: optional(
      oneOf(
        text,
        record(
          'box',
          {
            path: required(text, "The file to write, relative to this file's folder."),
            vagrantfile: optional(text, 'A Vagrantfile to put into it.'),
            info: optional(text, 'A JSON file with facts for `kiln box list -i`.'),
            include: optional(list(text), 'Files to take along.'),
            level: optional(wholeNumber(1, 9), 'How hard to compress.', { byDefault: '1' }),
            architecture: optional(text, 'As boxes name it, such as amd64.', { byDefault: "this host's" }),
          },
          { synonyms: { output: 'path', compression_level: 'level', vagrantfile_template: 'vagrantfile' } },
        ),
      ),
      'Write a box for Vagrant and Kiln. Who is to log in to its machines is for the image to say: see docs/boxes.md.',
    ),
    local: optional(local, 'Run a script on this host.'),
  },
  {},
  {
    qcow2: 'disk',
    vagrant: 'box',
    'shell-local': 'local',
    run: 'local',
    file: 'disk',
  },
);

export type OutputEntry = Infer<typeof output>;
