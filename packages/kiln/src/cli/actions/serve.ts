import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isSystemError, KilnError, messageOf } from '../../base/errors.ts';
import { makeFirstOwner } from '../../service/access/first-owner.ts';
import { openService } from '../../service/open-service.ts';
import { parseRegion } from '../../service/regions/regions.ts';
import { openServiceLog } from '../../service/service-log.ts';
import { localIdentity } from '../../service/tls/local-authority.ts';
import type { CommandInput, OptionValues } from '../command.ts';
import type { serveOptions } from '../commands/serve.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupts.ts';
import { servicePlace } from '../service-place.ts';
import { workerSettings } from '../worker-settings.ts';

type Options = OptionValues<typeof serveOptions>;

export async function run(
  { options }: CommandInput<typeof serveOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout, stderr } = context;
  const { host, port } = parseListen(options.listen ?? '127.0.0.1:8420');
  const { home, database } = await servicePlace(options, context);
  const worker = options.worker ? workerSettings(options, context) : undefined;
  const regions = new Map(options.region.map(parseRegion));
  const oidc = oidcOf(options);
  const interrupts = watchInterrupts((text) => stderr.line(`kiln serve: ${text}`));
  try {
    const service = await openService({
      home,
      database,
      log: openServiceLog(options.quiet ? 'warn' : 'info'),
      ...(oidc && { oidc }),
      gallery: { regions },
      ...(worker && { worker }),
    });
    try {
      const tls = options.http ? undefined : await identityOf(options, home, context);
      const token = await makeFirstOwner(service.context.database, home, new Date());
      const served = await service
        .serve({ host, port, ...(tls && { tls }) })
        .catch((error: unknown) => Promise.reject(cannotListen(error, `${host}:${port}`)));
      if (tls && 'authorityFile' in tls) {
        stderr.line(`The certificate is by the authority in ${tls.authorityFile}: clients have to trust it.`);
      }
      if (token !== undefined) stderr.line(`The token of the administrator is in ${token}.`);
      if (options.http) stderr.line('This is plain HTTP: whoever sees the network sees the tokens.');
      stdout.line(served.origin);
      if (!interrupts.signal.aborted) {
        await new Promise<void>((done) => {
          interrupts.signal.addEventListener('abort', () => done(), { once: true });
        });
      }
    } finally {
      await Promise.race([service.close(), hurried(interrupts.forceSignal)]);
    }
    return exitCodes.ok;
  } finally {
    interrupts.close();
  }
}

function parseListen(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new KilnError('bad-usage', `"${text}" is no place to listen`, {
      hint: 'write HOST:PORT, such as 127.0.0.1:8420, 0.0.0.0:8420 or [::]:8420',
    });
  }
  const host = bracketed ?? plain ?? '';
  return { host: host === '' ? '0.0.0.0' : host, port };
}

function oidcOf(options: Options): { readonly issuer: string; readonly audience: string } | undefined {
  const [issuer, audience] = [options['oidc-issuer'], options['oidc-audience']];
  if (issuer === undefined && audience === undefined) return undefined;
  if (issuer === undefined || audience === undefined || !/^https?:\/\//.test(issuer)) {
    throw new KilnError('bad-usage', 'an issuer needs its address and an audience', {
      hint: 'give both: --oidc-issuer https://login.example.org --oidc-audience kiln',
    });
  }
  return { issuer, audience };
}

async function identityOf(options: Options, home: string, { cwd }: CliContext) {
  const [certFile, keyFile] = [options['tls-cert'], options['tls-key']];
  if (certFile === undefined && keyFile === undefined) {
    return localIdentity(join(home, 'service', 'tls'), options.name, new Date());
  }
  if (certFile === undefined || keyFile === undefined) {
    throw new KilnError('bad-usage', '--tls-cert and --tls-key belong together', { hint: 'give both' });
  }
  const read = async (file: string) => {
    try {
      return await readFile(resolve(cwd, file), 'utf8');
    } catch (error) {
      throw new KilnError('file-missing', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
    }
  };
  return { cert: await read(certFile), key: await read(keyFile) };
}

function cannotListen(error: unknown, place: string): unknown {
  if (isSystemError(error, 'EADDRINUSE')) {
    return new KilnError('locked', `something else listens at ${place}`, {
      hint: 'end it, or choose another port with --listen',
    });
  }
  if (isSystemError(error, 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND')) {
    return new KilnError('bad-usage', `the service cannot listen at ${place}: ${messageOf(error)}`, {
      hint: 'give an address of this host, and a port from 1024 on',
    });
  }
  return error;
}

function hurried(signal: AbortSignal): Promise<void> {
  return new Promise((done) => signal.addEventListener('abort', () => done(), { once: true }));
}
