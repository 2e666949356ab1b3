import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sensitiveMark } from '../../values/value.ts';
import { packerFunctions } from '../index.ts';
import { systemHost } from '../system-host.ts';
import { type Evaluated, evaluateText } from '../testing/evaluate.ts';
import { type SecretServer, startSecretServer } from '../testing/secret-server.ts';
import { signedHeaders } from './aws-signature.ts';

let server: SecretServer;
let home: string;

before(async () => {
  server = await startSecretServer();
  home = await mkdtemp(join(tmpdir(), 'hcl-secrets-'));
});

after(async () => {
  await server.close();
  await rm(home, { recursive: true });
});

function evaluate(expression: string, environment: Readonly<Record<string, string>>): Evaluated {
  const host = systemHost({
    baseFolder: home,
    startedAt: new Date(),
    environment: { HOME: home, ...environment },
  });
  return evaluateText(expression, packerFunctions(host));
}

function textOf({ value, error }: Evaluated): string {
  assert.equal(error, undefined);
  assert.ok(value.marks.has(sensitiveMark));
  assert.equal(value.kind, 'string');
  return value.kind === 'string' ? value.value : '';
}

const vault = () => ({ VAULT_ADDR: server.address, VAULT_TOKEN: 'root' });

test('vault asks with token and namespace, and finds fields in both versions of the store', () => {
  server.requests();
  const environment = { ...vault(), VAULT_NAMESPACE: 'team/a' };
  assert.equal(textOf(evaluate('vault("secret/data/hello", "foo")', environment)), 'bar');
  const [request] = server.requests();
  assert.equal(request?.method, 'GET');
  assert.equal(request?.url, '/v1/secret/data/hello');
  assert.equal(request?.headers['x-vault-token'], 'root');
  assert.equal(request?.headers['x-vault-namespace'], 'team/a');
  assert.equal(textOf(evaluate('vault("/kv1/hello", "foo")', vault())), 'old bar');
  assert.equal(textOf(evaluate('vault("standby", "foo")', vault())), 'bar');
});

test('vault says what is missing', () => {
  const failing: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    [
      'vault("secret/data/hello", "foo")',
      { VAULT_ADDR: server.address },
      /set the environment variable VAULT_TOKEN/,
    ],
    ['vault("secret/data/hello", "foo")', { ...vault(), VAULT_TOKEN: 'no' }, /status 403, permission denied/],
    ['vault("secret/data/none", "foo")', vault(), /has no secret at "secret\/data\/none"/],
    ['vault("secret/data/hello", "none")', vault(), /has no field "none"/],
    ['vault("secret/data/hello", "count")', vault(), /"count" .* is not a text/],
    ['vault("empty", "foo")', vault(), /gave no data/],
    ['vault("a", "b")', { ...vault(), VAULT_ADDR: 'nonsense' }, /VAULT_ADDR is not a URL/],
    ['vault("a", "b")', { ...vault(), VAULT_ADDR: 'http://127.0.0.1:1' }, /127\.0\.0\.1:1 cannot be reached/],
    [
      'vault("a", "b")',
      { ...vault(), VAULT_CACERT: join(home, 'none.pem') },
      /VAULT_CACERT names cannot be read/,
    ],
  ];
  for (const [expression, environment, message] of failing) {
    const { error } = evaluate(expression, environment);
    assert.match(error ?? '', message);
    assert.doesNotMatch(error ?? '', /root/);
  }
});

test('consul_key asks with a token and gives the value as it is', async () => {
  const address = server.address.replace('http://', '');
  server.requests();
  const environment = { CONSUL_HTTP_ADDR: address, CONSUL_HTTP_TOKEN: 'token', CONSUL_NAMESPACE: 'n' };
  assert.equal(textOf(evaluate('consul_key("myservice/version")', environment)), '1.2.3');
  const [request] = server.requests();
  assert.equal(request?.url, '/v1/kv/myservice/version?raw=&ns=n');
  assert.equal(request?.headers['x-consul-token'], 'token');

  const file = join(home, 'token');
  await writeFile(file, 'from a file\n');
  evaluate('consul_key("myservice/version")', {
    CONSUL_HTTP_ADDR: server.address,
    CONSUL_HTTP_TOKEN_FILE: file,
    CONSUL_HTTP_AUTH: 'user:pass',
  });
  const { headers } = server.requests()[0]!;
  assert.equal(headers['x-consul-token'], 'from a file');
  assert.equal(headers['authorization'], `Basic ${Buffer.from('user:pass').toString('base64')}`);
});

test('consul_key says when there is no value', () => {
  const environment = { CONSUL_HTTP_ADDR: server.address };
  assert.match(evaluate('consul_key("none")', environment).error ?? '', /Consul has no key "none"/);
  assert.match(evaluate('consul_key("empty")', environment).error ?? '', /"empty" in Consul is empty/);
  const wrong = { CONSUL_HTTP_ADDR: 'unix:///var/run/consul.sock' };
  assert.match(evaluate('consul_key("a")', wrong).error ?? '', /CONSUL_HTTP_ADDR is not the address/);
});

const aws = () => ({
  AWS_ENDPOINT_URL: server.address,
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'session',
});

test('aws_secretsmanager signs its request, and the server can check it', () => {
  server.requests();
  assert.equal(textOf(evaluate('aws_secretsmanager("sample/app/password", null)', aws())), 'hunter2');
  const { method, url, headers, body } = server.requests()[0]!;
  assert.equal(headers['x-amz-target'], 'secretsmanager.GetSecretValue');
  assert.equal(headers['x-amz-security-token'], 'session');
  assert.deepEqual(JSON.parse(body), { SecretId: 'sample/app/password', VersionStage: 'AWSCURRENT' });
  const [, year, month, day, time] = /^(\d{4})(\d\d)(\d\d)T(\d{6})Z$/.exec(String(headers['x-amz-date']))!;
  const [hours, minutes, seconds] = time!.match(/\d\d/g)!;
  const again = signedHeaders(
    {
      url: new URL(url, server.address),
      method,
      headers: {
        'content-type': String(headers['content-type']),
        'x-amz-target': String(headers['x-amz-target']),
      },
      body,
    },
    {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: aws().AWS_SECRET_ACCESS_KEY,
      sessionToken: 'session',
      region: 'eu-west-1',
    },
    'secretsmanager',
    new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`),
  );
  assert.equal(headers['authorization'], again['authorization']);
});

test('signatures are those of the example in the documentation of AWS', () => {
  // "get-vanilla" of the published test suite of Signature Version 4.
  const headers = signedHeaders(
    { url: new URL('https://example.amazonaws.com/'), method: 'GET', headers: {}, body: '' },
    {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      sessionToken: undefined,
      region: 'us-east-1',
    },
    'service',
    new Date('2015-08-30T12:36:00Z'),
  );
  assert.equal(
    headers['authorization'],
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
      'SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  );
});

test('keys and region of AWS are found in its files, by profile', async () => {
  await mkdir(join(home, '.aws'), { recursive: true });
  await writeFile(
    join(home, '.aws', 'credentials'),
    '[default]\naws_access_key_id = A\naws_secret_access_key = S\n\n[other]\naws_access_key_id=B\naws_secret_access_key=T\n',
  );
  await writeFile(
    join(home, '.aws', 'config'),
    '[default]\nregion = eu-north-1\n[profile other]\nregion = us-west-2\n',
  );
  const credential = (environment: Readonly<Record<string, string>>) => {
    server.requests();
    evaluate('aws_secretsmanager_raw("plain")', { AWS_ENDPOINT_URL: server.address, ...environment });
    return /Credential=(\w+)\/\d+\/([\w-]+)/
      .exec(String(server.requests()[0]!.headers['authorization']))!
      .slice(1);
  };
  assert.deepEqual(credential({}), ['A', 'eu-north-1']);
  assert.deepEqual(credential({ AWS_PROFILE: 'other' }), ['B', 'us-west-2']);
  assert.deepEqual(credential({ AWS_PROFILE: 'other', AWS_REGION: 'sa-east-1' }), ['B', 'sa-east-1']);
});

test('secrets of AWS may be texts, or objects of which a field is asked for', () => {
  assert.equal(textOf(evaluate('aws_secretsmanager("several", "a")', aws())), '1');
  assert.equal(textOf(evaluate('aws_secretsmanager("several", "b")', aws())), '2');
  assert.equal(textOf(evaluate('aws_secretsmanager("plain", "any")', aws())), 'just text');
  assert.equal(textOf(evaluate('aws_secretsmanager_raw("several")', aws())), '{"a":"1","b":2}');
  const failing: readonly (readonly [string, RegExp])[] = [
    ['aws_secretsmanager("several", null)', /has several fields; give the name of one/],
    ['aws_secretsmanager("several", "c")', /has no field "c"/],
    ['aws_secretsmanager("binary", null)', /is binary, not a text/],
    [
      'aws_secretsmanager("none", null)',
      /status 400, ResourceNotFoundException, Secrets Manager can't find it/,
    ],
  ];
  for (const [expression, message] of failing) assert.match(evaluate(expression, aws()).error ?? '', message);
});

test('without keys or a region the message says how to give them', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'hcl-no-aws-'));
  const { error } = evaluate('aws_secretsmanager_raw("a")', { HOME: empty });
  assert.match(error ?? '', /set the environment variable AWS_REGION/);
  const { error: keys } = evaluate('aws_secretsmanager_raw("a")', { HOME: empty, AWS_REGION: 'eu-west-1' });
  assert.match(keys ?? '', /set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
  await rm(empty, { recursive: true });
});

test('a secret is fetched once, however often a template asks for it', () => {
  server.requests();
  const { error } = evaluate('[for i in range(5) : vault("secret/data/hello", "foo")]', vault());
  assert.equal(error, undefined);
  assert.equal(server.requests().length, 1);
});
