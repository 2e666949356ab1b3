import { type Action, actions } from './actions.ts';

const reader: readonly Action[] = [
  ...(['groups/read', 'templates/read', 'runs/read', 'triggers/read', 'galleries/read'] as const),
  ...(['images/read', 'boxes/read', 'identities/read', 'usage/read', 'workers/read'] as const),
];

/** Makes templates and runs them, by identities that exist; changes no gallery. */
const builder: readonly Action[] = [
  ...reader,
  ...(['templates/write', 'templates/delete', 'templates/run', 'templates/cancel'] as const),
  ...(['triggers/write', 'triggers/delete', 'identities/assign'] as const),
];

/** Puts images into galleries, and says which ones count. */
const publisher: readonly Action[] = [...reader, 'images/write', 'images/publish', 'boxes/write'];

/** Everything but who may do what. */
const contributor: readonly Action[] = [
  ...new Set([...builder, ...publisher]),
  ...(['groups/write', 'groups/delete', 'galleries/write', 'galleries/delete', 'images/delete'] as const),
  ...(['identities/write', 'identities/delete'] as const),
];

const owner: readonly Action[] = actions.filter((action) => action !== 'workers/run');

/** What each role may do, at the scope of its assignment and below. */
export const roles = {
  reader,
  builder,
  publisher,
  contributor,
  owner,
  /** Of processes that run builds; assigned at `/` only. */
  worker: ['workers/run'],
} as const satisfies Readonly<Record<string, readonly Action[]>>;

export type RoleName = keyof typeof roles;

export function isRole(name: string): name is RoleName {
  return Object.hasOwn(roles, name);
}

export function roleAllows(role: RoleName, action: Action): boolean {
  return (roles[role] as readonly Action[]).includes(action);
}
