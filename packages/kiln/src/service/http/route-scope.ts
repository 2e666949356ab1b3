import type { Route } from './route.ts';

/**
 * The ARM id at which a route's action is asked for: what the route itself says, or the path up to its last named
 * resource. Paths that are no ARM ids have the whole service as scope.
 */
export function scopeOf(
  { path, scope }: Pick<Route, 'path' | 'scope'>,
  params: Readonly<Record<string, string>>,
): string {
  if (scope) return scope(params);
  if (!/^\/subscriptions\//i.test(path)) return '/';
  const parts = path.split('/');
  const last = parts.findLastIndex((part) => part.startsWith('{'));
  return parts
    .slice(0, last + 1)
    .map((part) => (part.startsWith('{') ? (params[part.slice(1, -1)] ?? '') : part))
    .join('/');
}
