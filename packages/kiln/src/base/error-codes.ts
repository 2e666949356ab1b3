/**
 * Every error code of Kiln with its general meaning. Codes are stable: scripts may test for them.
 * The page docs/errors.md is made from this table.
 */
export const errorSummaries = {
  'bad-usage': 'The command line was not understood.',
  'not-found': 'Something that was named does not exist.',
  'already-exists': 'Something of that name exists already.',
  'template-invalid': 'The template has mistakes; nothing was built.',
  unsupported: 'The template asks for something Kiln does not do.',
  'file-missing': 'A file that was asked for does not exist or cannot be read.',
  'file-unsafe': 'A file or archive tries something that is not allowed.',
  'checksum-mismatch': 'A file is not the one its checksum promised.',
  'download-failed': 'A download did not succeed.',
  'lock-unfit': 'The lock file does not fit what is asked for.',
  'disk-full': 'The disk is full.',
  'disk-too-small': 'What is to be on a disk of an image does not fit there.',
  'secrets-found': 'An image would hold keys, tokens or passwords; it was not made.',
  'tool-missing': 'A program that Kiln needs is not installed.',
  'tool-failed': 'A program that Kiln ran has failed.',
  'qemu-failed': 'QEMU did not start, or ended while it was needed.',
  'guest-unreachable': 'The machine did not answer in time.',
  'guest-login-refused': 'The machine refused the login.',
  'guest-disconnected': 'The connection to the machine broke.',
  'step-failed': 'A step of the build failed.',
  'step-timeout': 'A step of the build took longer than its timeout.',
  'output-failed': 'An output of the build could not be made.',
  locked: 'Another Kiln command is using it.',
  cancelled: 'The work was cancelled.',
  'store-corrupt': 'Something in the store is damaged.',
  'database-failed': 'The database of the service could not be used.',
  'service-refused': 'The service did not do what it was asked for.',
  internal: 'Kiln itself made a mistake.',
} as const;

export type ErrorCode = keyof typeof errorSummaries;
