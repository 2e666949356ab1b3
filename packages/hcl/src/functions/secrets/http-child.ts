import { SecretError } from '../host.ts';
import { nodeModules } from '../support/node-modules.ts';

export interface HttpRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Certificates to trust instead of the usual ones, in PEM form. */
  readonly certificates?: string;
  /** Takes any certificate. */
  readonly insecure?: boolean;
  /** Follows redirections, with the same headers, as the clients of Vault do. */
  readonly followsRedirects?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

const timeoutMilliseconds = 60_000;

/**
 * What the child process runs. A text, because it must be there when the program is bundled into one file. The request
 * comes through standard input, so that no secret shows in a list of processes.
 */
const childProgram = `
const read = async (stream) => {
  const chunks = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > 4194304) throw new Error('the answer is too large');
  }
  return Buffer.concat(chunks).toString('utf8');
};
const send = (request, redirects) => new Promise((resolve, reject) => {
  const url = new URL(request.url);
  const { request: start } = require(url.protocol === 'https:' ? 'node:https' : 'node:http');
  const options = { method: request.method, headers: request.headers, ca: request.certificates, rejectUnauthorized: !request.insecure };
  const sent = start(url, options, (response) => {
    const { statusCode, headers } = response;
    if (request.followsRedirects && redirects > 0 && statusCode >= 301 && statusCode <= 308 && headers.location) {
      response.resume();
      resolve(send({ ...request, url: new URL(headers.location, url).href }, redirects - 1));
    } else {
      read(response).then((body) => resolve({ status: statusCode, body }), reject);
    }
  });
  sent.on('error', reject);
  sent.end(request.body);
});
read(process.stdin)
  .then((text) => send(JSON.parse(text), 5))
  .then((answer) => process.stdout.write(JSON.stringify(answer)))
  .catch((error) => process.stdout.write(JSON.stringify({ error: error.code ? error.code + ' ' + error.message : error.message })));
`;

/** Variables that the child needs to reach the network as others do. */
const passed = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SystemRoot',
];

/**
 * Sends a request and waits for the answer. Expressions are evaluated synchronously, so another process does it.
 * @throws SecretError There is no answer.
 */
export function fetchSync(
  request: HttpRequest,
  environment: (name: string) => string | undefined,
): HttpResponse {
  const env: Record<string, string> = { NODE_USE_ENV_PROXY: '1' };
  for (const name of passed) {
    const value = environment(name);
    if (value !== undefined) env[name] = value;
  }
  const { host } = new URL(request.url);
  const child = nodeModules.childProcess.spawnSync(
    process.execPath,
    ['--no-warnings', '--use-system-ca', '-e', childProgram],
    {
      input: JSON.stringify(request),
      env,
      encoding: 'utf8',
      maxBuffer: 16 * 1024 * 1024,
      timeout: timeoutMilliseconds,
    },
  );
  if (child.error && (child.error as NodeJS.ErrnoException).code === 'ETIMEDOUT') {
    throw new SecretError(`${host} did not answer within ${timeoutMilliseconds / 1000} seconds.`);
  }
  const answer = parsed(child.stdout);
  if (!answer)
    throw new SecretError(`The request to ${host} failed: ${child.stderr.trim().split('\n').at(-1) ?? ''}`);
  if ('error' in answer) throw new SecretError(`${host} cannot be reached: ${answer.error}.`);
  return answer;
}

function parsed(text: string): HttpResponse | { readonly error: string } | undefined {
  try {
    return JSON.parse(text) as HttpResponse | { readonly error: string };
  } catch {
    return undefined;
  }
}
