import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

export interface HttpAgentsOptions {
  /** Has the proxies: HTTP_PROXY, HTTPS_PROXY, NO_PROXY, in capitals or not. */
  readonly env: NodeJS.ProcessEnv;
  /** Connections to one server at a time. */
  readonly connections: number;
  /** File with certificates of authorities to trust, instead of the usual ones. */
  readonly authorities?: string;
}

/** Connections that are kept for many requests to the same servers. */
export class HttpAgents {
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;

  private constructor(http: HttpAgent, https: HttpsAgent) {
    this.#http = http;
    this.#https = https;
  }

  static async open({ env, connections, authorities }: HttpAgentsOptions): Promise<HttpAgents> {
    const settings = { keepAlive: true, maxSockets: connections, proxyEnv: env };
    const ca = authorities === undefined ? undefined : await readFile(authorities);
    return new HttpAgents(new HttpAgent(settings), new HttpsAgent({ ...settings, ...(ca && { ca }) }));
  }

  for(protocol: string): HttpAgent {
    return protocol === 'https:' ? this.#https : this.#http;
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}
