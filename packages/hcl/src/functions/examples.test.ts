import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { convert } from '../values/convert.ts';
import { unmarkedDeep } from '../values/deep-marks.ts';
import { sameValue } from '../values/equal.ts';
import { showValue } from '../values/show.ts';
import { typeExpression } from '../values/type-words.ts';
import { envFunction } from './env.ts';
import type { HclFunction } from './function.ts';
import { packerFunctions, standardFunctions } from './index.ts';
import { systemHost } from './system-host.ts';
import { evaluateText } from './testing/evaluate.ts';
import { type SecretServer, startSecretServer } from './testing/secret-server.ts';

let folder: string;
let server: SecretServer;
let functions: ReadonlyMap<string, HclFunction>;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hcl-functions-'));
  await writeFile(join(folder, 'hello.txt'), 'Hello, world\n');
  await writeFile(join(folder, 'greeting.tftpl'), 'Hello, ${name}!');
  server = await startSecretServer();
  const host = systemHost({
    baseFolder: folder,
    currentFolder: folder,
    startedAt: new Date(),
    environment: {
      HOME: folder,
      VAULT_ADDR: server.address,
      VAULT_TOKEN: 'root',
      CONSUL_HTTP_ADDR: server.address,
      AWS_ENDPOINT_URL: server.address,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
  });
  const env = envFunction(host);
  functions = new Map([...packerFunctions(host), [env.name, env]]);
});

after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

test('every example of every function gives what its documentation says', () => {
  for (const fn of functions.values()) {
    for (const { call, gives, loose } of fn.examples) {
      const actual = evaluateText(call, functions);
      const expected = evaluateText(gives);
      assert.equal(actual.error, undefined, call);
      assert.equal(expected.error, undefined, gives);
      const plain = unmarkedDeep(actual.value).value;
      const wanted = loose ? convert(expected.value, plain.type) : expected.value;
      assert.equal(showValue(plain), showValue(wanted), call);
      assert.equal(typeExpression(plain.type), typeExpression(wanted.type), call);
      assert.ok(sameValue(plain, wanted), call);
    }
  }
});

test('every function has a description and an example that calls it', () => {
  for (const { name, description, examples } of functions.values()) {
    assert.match(description, /^.{15,}\.$/s, name);
    assert.ok(
      examples.some(({ call }) => call.includes(`${name}(`)),
      name,
    );
  }
});

test('there are the 103 functions that Packer has, and env', () => {
  const all =
    'abs abspath alltrue anytrue aws_secretsmanager aws_secretsmanager_raw basename base64decode base64encode ' +
    'base64gzip bcrypt can ceil chomp chunklist cidrhost cidrnetmask cidrsubnet cidrsubnets coalesce coalescelist ' +
    'compact concat consul_key contains convert csvdecode dirname distinct element endswith file filebase64 fileexists ' +
    'fileset flatten floor format formatdate formatlist indent index join jsondecode jsonencode keys legacy_isotime ' +
    'legacy_strftime length log lookup lower max md5 merge min parseint pathexpand pow range regex regex_replace ' +
    'regexall replace reverse rfc3339_parse rsadecrypt setintersection setproduct setunion sha1 sha256 sha512 signum ' +
    'slice sort split startswith strcontains strrev substr sum templatefile textdecodebase64 textencodebase64 timeadd ' +
    'timestamp title trim trimprefix trimspace trimsuffix try unix_timestamp_parse upper urlencode uuidv4 uuidv5 values ' +
    'vault yamldecode yamlencode zipmap';
  const names = all.split(' ');
  assert.equal(names.length, 103);
  assert.deepEqual([...functions.keys()].sort(), [...names, 'env'].sort());
});

test('the standard functions are those that touch nothing outside', () => {
  const outside = [...functions.keys()].filter((name) => !standardFunctions().has(name));
  assert.deepEqual(outside.sort(), [
    ...['abspath', 'aws_secretsmanager', 'aws_secretsmanager_raw', 'consul_key', 'env', 'file', 'filebase64'],
    ...[
      'fileexists',
      'fileset',
      'legacy_isotime',
      'legacy_strftime',
      'pathexpand',
      'templatefile',
      'timestamp',
      'vault',
    ],
  ]);
});
