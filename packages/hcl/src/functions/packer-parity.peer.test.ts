import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { unmarkedDeep } from '../values/deep-marks.ts';
import { encodeJson } from '../values/json.ts';
import { isWhollyKnown } from '../values/walk.ts';
import { packerFunctions } from './index.ts';
import { systemHost } from './system-host.ts';
import { collectionCases } from './testing/collection-cases.ts';
import { encodingCases } from './testing/encoding-cases.ts';
import { evaluateText } from './testing/evaluate.ts';
import { formatCases } from './testing/format-cases.ts';
import { networkCases } from './testing/network-cases.ts';
import { numberCases } from './testing/number-cases.ts';
import { askPacker, packerVersion } from './testing/packer-console.ts';
import { regexCases } from './testing/regex-cases.ts';
import { type SecretServer, startSecretServer } from './testing/secret-server.ts';
import { textCases } from './testing/text-cases.ts';
import { timeCases } from './testing/time-cases.ts';
import { typeCases } from './testing/type-cases.ts';
import { yamlCases } from './testing/yaml-cases.ts';

const version = packerVersion();
const skip = version === '1.6.6' ? false : `Packer 1.6.6 is not installed (${version ?? 'none is'})`;

let folder: string;
let server: SecretServer;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hcl-parity-'));
  await mkdir(join(folder, 'd', 'e'), { recursive: true });
  await writeFile(join(folder, 'a.txt'), 'hi\n');
  await writeFile(join(folder, 'd', 'b.txt'), 'b');
  await writeFile(join(folder, 'd', 'e', 'c.tmpl'), 'c');
  server = await startSecretServer();
});

after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Functions that 1.6.6 does not have yet. */
const newer = new Set(
  (
    'alltrue anytrue aws_secretsmanager_raw base64gzip endswith filebase64 legacy_isotime legacy_strftime regex ' +
    'regexall rfc3339_parse startswith strcontains sum templatefile textdecodebase64 textencodebase64 unix_timestamp_parse'
  ).split(' '),
);

/** Beside the cases of the tables. */
const more = [
  'length("a👍🏽é")',
  'length([1, 2])',
  'length({ a = 1 })',
  'length(convert([1, 1], set(number)))',
  'length(5)',
  'length(null)',
  'index(["a", "b"], "b")',
  'index(["a"], "x")',
  'index([], "x")',
  'index({ a = 1 }, 1)',
  'length(uuidv4())',
  'length(timestamp())',
  'substr(bcrypt("a", 4), 0, 7)',
  'substr(bcrypt("a"), 0, 7)',
  'can(vault("a", "b"))',
  'can(consul_key("a"))',
  'can(aws_secretsmanager("a", "b"))',
  'rsadecrypt("AAAA", "x")',
  'file("a.txt")',
  'file("none")',
  'file("d")',
  'fileexists("a.txt")',
  'fileexists("none")',
  'fileexists("d")',
  'fileset(".", "*.txt")',
  'fileset(".", "**/*.txt")',
  'fileset("d", "**")',
  'fileset(".", "{a,d/b}.txt")',
  'fileset(".", "d/[a-b].*")',
  'fileset(".", "[")',
  'basename("/a/b/")',
  'dirname("/a/b/")',
  'dirname("a//b/../c")',
  'pathexpand("~/x")',
  'pathexpand("~x")',
  'abspath("x/../y")',
  'max([1, 2, 3]...)',
  'min([]...)',
  'zipmap(["a", "b"], [for x in range(2) : x * 2])',
  'regex_replace("hello", "l+", "L")',
  'regex_replace("ab12", "(?P<l>[a-z]+)(\\\\d+)", "$2-$${l}")',
];

const expressions = [
  ...[...collectionCases, ...textCases, ...regexCases, ...formatCases, ...numberCases, ...encodingCases],
  ...[...timeCases, ...networkCases, ...yamlCases, ...typeCases],
]
  .map(([expression]) => expression)
  .concat(more)
  .filter(
    (expression) =>
      !expression.includes('unknown_') && !functionsIn(expression).some((name) => newer.has(name)),
  );

function functionsIn(expression: string): string[] {
  return [...expression.replace(/"(?:\\.|[^"\\])*"/g, '""').matchAll(/([a-z_0-9]+)\(/g)].map(
    (match) => match[1]!,
  );
}

/** Where 1.6.6 gives something else. */
const differences: ReadonlyMap<string, string> = new Map(
  (
    [
      [
        'its functions refused null, or all arguments being null, in more places than later versions do',
        ['lookup({a=null},"a","b")', 'merge()', 'merge(null,null)', 'merge(null)', 'jsonencode(null)'],
      ],
      [
        'its jsonencode, which carries the answers, refuses null',
        ['try({a=1}.b,null)', 'convert(null,string)'],
      ],
      [
        'its floor and ceil went through 64 bits',
        ['floor(1e400)', 'floor(123456789012345678901234567890.5)', 'ceil(123456789012345678901234567890.5)'],
      ],
      [
        "its index picked an element by key; Packer's own, which searches, came later",
        ['index(["a", "b"], "b")'],
      ],
      ['it lost what follows a quoted quote', [`formatdate("'''a'","2018-01-02T03:02:01Z")`]],
      [
        'it took times that RFC 3339 does not allow',
        [
          'formatdate("YYYY","2018-01-02T3:02:01Z")',
          'formatdate("YYYY","2018-01-02T03:02:01,123Z")',
          'formatdate("YYYY","2018-01-02T03:02:01+24:00")',
        ],
      ],
    ] as const
  ).flatMap(([why, which]) => which.map((expression) => [expression, why] as const)),
);

function ourAnswer(expression: string, environment: Readonly<Record<string, string>> = {}): string {
  const home = process.env['HOME'];
  const host = systemHost({
    baseFolder: folder,
    currentFolder: folder,
    startedAt: new Date(),
    environment: { ...(home === undefined ? {} : { HOME: home }), ...environment },
  });
  const { value, error } = evaluateText(expression, packerFunctions(host));
  return error !== undefined || !isWhollyKnown(value) ? 'ERROR' : encodeJson(unmarkedDeep(value).value);
}

test(`Packer 1.6.6 gives the same in ${expressions.length} cases, but for those with a reason`, {
  skip,
}, async () => {
  const answers = await askPacker(folder, expressions);
  for (const [index, expression] of expressions.entries()) {
    const [theirs, ours] = [answers[index]!, ourAnswer(expression)];
    if (differences.has(expression)) assert.notEqual(theirs, ours, `no longer a difference: ${expression}`);
    else assert.equal(ours, theirs, expression);
  }
});

test('each of the 85 functions of Packer 1.6.6 is among the cases', { skip }, () => {
  const used = new Set(expressions.flatMap(functionsIn));
  const host = systemHost({ baseFolder: folder, startedAt: new Date() });
  const names = [...packerFunctions(host).keys()].filter((name) => !newer.has(name));
  assert.equal(names.length, 85);
  assert.deepEqual(
    names.filter((name) => !used.has(name)),
    [],
  );
});

test('Packer gets the same secrets from the same servers', { skip }, async () => {
  const environment = {
    VAULT_ADDR: server.address,
    VAULT_TOKEN: 'root',
    VAULT_NAMESPACE: 'team',
    CONSUL_HTTP_ADDR: server.address,
    CONSUL_HTTP_TOKEN: 'token',
  };
  const asked = [
    'vault("secret/data/hello", "foo")',
    'vault("/kv1/hello", "foo")',
    'vault("standby", "foo")',
    'vault("secret/data/none", "foo")',
    'vault("secret/data/hello", "none")',
    'vault("empty", "foo")',
    'consul_key("none")',
    'consul_key("empty")',
  ];
  server.requests();
  const theirs = await askPacker(folder, asked, environment);
  const theirRequests = vaultRequests();
  assert.deepEqual(
    asked.map((expression) => ourAnswer(expression, environment)),
    theirs,
  );
  // It evaluates more than once.
  assert.deepEqual([...new Set(vaultRequests())], [...new Set(theirRequests)]);
});

function vaultRequests(): string[] {
  const vault = server.requests().filter(({ headers }) => headers['x-vault-token'] !== undefined);
  return vault.map(({ method, url, headers }) => `${method} ${url} ${headers['x-vault-namespace']}`);
}
