/** What may be named where a command looks at a system, for help; a file of its own, so that help loads no more. */
export const systemForms =
  'a profile or disk image (a file), an image of the store (NAME, NAME:TAG or sha256:ID), a machine of Kiln, ssh://[USER@]HOST[:PORT], docker:CONTAINER, or dir:PATH. "machine:NAME", "image:NAME" and "file:PATH" say which is meant';
