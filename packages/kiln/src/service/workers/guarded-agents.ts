import { lookup as resolveName } from 'node:dns';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type LookupFunction, type TcpNetConnectOpts } from 'node:net';
import { type AddressRules, isForbidden } from './forbidden-address.ts';

/** A template wants something of a place that it may not reach. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
}

/**
 * Connections to public places alone. Addresses are looked at when they are connected to, so that neither redirections
 * nor names that change their address lead anywhere else.
 */
export function guardedAgents(rules: AddressRules): { for(protocol: string): HttpAgent } {
  class Http extends HttpAgent {
    override createConnection(...[options, done]: Parameters<HttpAgent['createConnection']>) {
      return super.createConnection(guarded(options, rules), done);
    }
  }
  class Https extends HttpsAgent {
    override createConnection(...[options, done]: Parameters<HttpsAgent['createConnection']>) {
      return super.createConnection(guarded(options, rules), done);
    }
  }
  const [http, https] = [new Http(), new Https()];
  return { for: (protocol) => (protocol === 'https:' ? https : http) };
}

/** @throws ForbiddenAddress for an address that is written out; names are refused when they are looked up */
function guarded<O extends object>(options: O, rules: AddressRules): O {
  const { host: given = 'localhost', port } = options as Partial<TcpNetConnectOpts>;
  const host = given.replace(/^\[|\]$/g, '');
  if (rules.allowed.includes(host) || rules.allowed.includes(`${host}:${port}`)) return options;
  if (isIP(host) !== 0 && isForbidden(host, rules)) throw forbidden(host);
  return { ...options, lookup: guardedLookup(rules) };
}

function guardedLookup(rules: AddressRules): LookupFunction {
  return (name, options, done) => {
    resolveName(name, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '');
      const bad = found.find(({ address }) => isForbidden(address, rules));
      const [first] = found;
      if (bad || !first) return done(forbidden(name, bad?.address), '');
      return options.all ? done(null, found) : done(null, first.address, first.family);
    });
  };
}

function forbidden(name: string, address?: string): ForbiddenAddress {
  return new ForbiddenAddress(
    `templates may not reach ${name}${address === undefined ? '' : ` (${address})`}: it belongs to the service's own host or network`,
  );
}
