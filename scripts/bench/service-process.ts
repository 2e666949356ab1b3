import { assignRole, createPrincipal } from '../../packages/kiln/src/service/access/principals.ts';
import { createToken } from '../../packages/kiln/src/service/access/tokens.ts';
import { openService } from '../../packages/kiln/src/service/open-service.ts';

/*
 * The service alone in a process of its own, so that what asks it is not measured with it. Says where it is, and by
 * which token it is asked, as JSON; then tells its memory whenever it is asked to.
 */
const [home = '', url = ''] = process.argv.slice(2);
const service = await openService({
  home,
  database: { kind: 'postgres', url },
  log: { info: () => {}, warn: () => {}, error: (fields, text) => console.error(text, fields) },
});
const { origin } = await service.serve({ host: '127.0.0.1', port: 0 });
const { database } = service.context;
const now = new Date();
const { id } = await createPrincipal(database, { kind: 'user', name: 'bench' }, now);
await assignRole(database, { principalId: id, role: 'owner', scope: '/' }, { callerId: id, now });
const expiresAt = new Date(now.getTime() + 24 * 3600 * 1000);
const token = { principalId: id, name: 'bench', createdBy: id, createdAt: now, expiresAt };
const { secret } = await createToken(database, token);
process.send?.({ origin, secret });
process.on('message', (message) => {
  if (message === 'end') void service.close().then(() => process.exit(0));
  else process.send?.({ memory: process.memoryUsage().rss });
});
