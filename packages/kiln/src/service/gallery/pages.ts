import type { RouteRequest } from '../http/route.ts';
import { ServiceError } from '../service-error.ts';

/** What lists have on a page. */
export const pageSize = 100;

/** Where a page begins: behind this key, from `$skipToken`. @throws ServiceError 400 */
export function pageStart(request: RouteRequest): string | undefined {
  const token = request.query['$skipToken'] ?? request.query['$skiptoken'] ?? request.query['skip-token'];
  if (token === undefined) return undefined;
  const key = Buffer.from(token, 'base64url').toString('utf8');
  if (key !== '' && Buffer.from(key).toString('base64url') === token && !key.includes('\0')) return key;
  throw new ServiceError(400, 'InvalidParameter', 'the $skipToken is none that this service gave', {
    target: '$skipToken',
  });
}

/** `{value, nextLink}`; the link repeats the request with another token. */
export function pageReply(request: RouteRequest, path: string, value: readonly unknown[], next?: string) {
  if (next === undefined) return { status: 200, body: { value } };
  const query = new URLSearchParams(
    Object.entries(request.query).filter(([name]) => !/^\$?skip-?token$/i.test(name)),
  );
  query.set('$skipToken', Buffer.from(next).toString('base64url'));
  return { status: 200, body: { value, nextLink: `${request.origin}${path}?${query}` } };
}

/**
 * Collects a page of what the caller may read. `read` gives rows behind a key, in its order; it is asked until the
 * page is full or there is no more.
 */
export async function readPage<Row extends { readonly id: string }>(
  start: string | undefined,
  read: (after: string | undefined, count: number) => Promise<readonly Row[]>,
  mayRead: (row: Row) => Promise<boolean>,
): Promise<{ readonly rows: readonly Row[]; readonly next?: string }> {
  const rows: Row[] = [];
  let after = start;
  for (;;) {
    const found = await read(after, pageSize + 1);
    for (const row of found) {
      if (rows.length === pageSize) return { rows, next: rows.at(-1)!.id };
      after = row.id;
      if (await mayRead(row)) rows.push(row);
    }
    if (found.length <= pageSize) return { rows };
  }
}
