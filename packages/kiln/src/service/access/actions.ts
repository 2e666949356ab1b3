/** What may be done with each kind of resource; a role is a set of these (roles.ts). */
export const actions = [
  ...['groups/read', 'groups/write', 'groups/delete'],
  ...['templates/read', 'templates/write', 'templates/delete', 'templates/run', 'templates/cancel'],
  ...['runs/read', 'triggers/read', 'triggers/write', 'triggers/delete'],
  ...['galleries/read', 'galleries/write', 'galleries/delete', 'galleries/share'],
  ...['images/read', 'images/write', 'images/delete', 'images/publish'],
  ...['boxes/read', 'boxes/write'],
  // Who may assign an identity to a template may let builds do what that identity may.
  ...['identities/read', 'identities/write', 'identities/delete', 'identities/assign'],
  ...['access/read', 'access/write', 'audit/read', 'usage/read', 'workers/read'],
  // Of service identities only: a worker takes and ends runs.
  'workers/run',
] as const;

export type Action = (typeof actions)[number];
