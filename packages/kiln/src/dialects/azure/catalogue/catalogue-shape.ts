import {
  choice,
  list,
  oneOf,
  optional,
  record,
  required,
  text,
  wholeNumber,
} from '../../../base/yaml/shape.ts';

const login = oneOf(
  choice('cloud-init', 'kiln'),
  record('login', {
    user: required(text, 'Who to log in as.'),
    password: optional(text, 'Password of the user.'),
    key: optional(text, "Private key file, relative to this file's folder."),
    port: optional(wholeNumber(1, 65535), 'Port of the SSH server in the machine.', { byDefault: '22' }),
  }),
);

/** A file that says what Kiln takes for images of Azure's marketplace. */
export const catalogueFile = record('a catalogue of images', {
  images: required(
    list(
      record('an image', {
        publisher: required(text, 'Its publisher; "*" stands for any letters, and case does not matter.'),
        offer: required(text, 'Its offer.'),
        sku: optional(text, 'Its sku.', { byDefault: '"*"' }),
        version: optional(text, 'Its version.', { byDefault: '"*"' }),
        from: optional(text, 'What a build starts from: as `from:` of an image in kiln.yaml.'),
        checksum: optional(text, 'What the bytes of a file or URL must hash to.'),
        login: optional(login, 'How a build logs in.', {
          byDefault: 'cloud-init for files and URLs, else kiln',
        }),
        system: optional(choice('linux', 'windows'), 'What it is.', { byDefault: 'linux' }),
        needs: optional(text, 'What a person has to do to have it, where Kiln cannot get it.'),
      }),
    ),
    'Images; the first one that fits counts.',
  ),
});
