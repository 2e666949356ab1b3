import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { toPlain, unmarkedDeep } from '@kiln/hcl';
import type { PackerHclProject } from './packer-project.ts';
import { complaints, openProject, readProject } from './testing/projects.ts';

function localsOf(project: PackerHclProject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    project.locals.map(({ name, value }) => [name, toPlain(unmarkedDeep(value).value)]),
  );
}

interface Server {
  readonly url: string;
  readonly requests: readonly string[];
}

async function serve(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<Server> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    requests.push(`${request.method} ${request.url} ${request.headers['x-token'] ?? ''} ${body}`.trim());
    answer(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { url: `http://127.0.0.1:${address.port}`, requests };
}

test('locals and data are worked out as one graph', async (t) => {
  const server = await serve(t, (request, response) => {
    response.setHeader('content-type', 'text/plain');
    response.end(`answer to ${request.url}`);
  });
  const project = await openProject(
    t,
    `
variable "base" {}
locals {
  first  = "\${var.base}/one"
  second = "\${var.base}/\${length(data.http.one.body)}"
  bodies = [for name, answer in data.http : "\${name}: \${answer.body}"]
}
data "http" "two" {
  url = local.second
}
data "http" "one" {
  url = local.first
}
data "null" "echo" {
  input = data.http.one.body
}
local "echoed" {
  expression = upper(data.null.echo.output)
}`,
    { variables: { base: server.url } },
  );
  assert.deepEqual(complaints(project), []);
  assert.deepEqual(server.requests, ['GET /one', 'GET /14']);
  const { bodies, echoed } = localsOf(project);
  assert.deepEqual(bodies, ['one: answer to /one', 'two: answer to /14']);
  assert.equal(echoed, 'ANSWER TO /ONE');
});

test('a request goes out as the template says, and what comes back is there', async (t) => {
  const server = await serve(t, (request, response, body) => {
    if (request.url === '/old') {
      response.writeHead(307, { location: '/new' });
      response.end();
      return;
    }
    response.setHeader('x-many', ['a', 'b']);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ got: body }));
  });
  const project = await openProject(
    t,
    `
variable "base" {}
data "http" "post" {
  url             = "\${var.base}/old"
  method          = "POST"
  request_headers = { "X-Token" = "t-1" }
  request_body    = "hello"
}
locals {
  got    = jsondecode(data.http.post.body).got
  many   = data.http.post.request_headers["X-Many"]
  type   = data.http.post.request_headers.Content-Type
  url    = data.http.post.url == "\${var.base}/old"
}`,
    { variables: { base: server.url } },
  );
  assert.deepEqual(complaints(project), []);
  assert.deepEqual(server.requests, ['POST /old t-1 hello', 'POST /new t-1 hello']);
  assert.deepEqual(localsOf(project), { got: 'hello', many: 'a, b', type: 'application/json', url: true });
});

test('data that cannot be had is told at its place', async (t) => {
  const server = await serve(t, (_request, response) => {
    response.writeHead(404);
    response.end();
  });
  const template = (url: string) => `
data "http" "x" {
  url = "${url}"
}
source "file" "a" {
  target  = "x"
  content = data.http.x.body
}
build {
  sources = ["file.a"]
}`;
  const missing = await readProject(t, template(`${server.url}/nothing`));
  assert.equal(missing.plan, undefined);
  assert.deepEqual(complaints(missing), [`2:1: error: ${server.url}/nothing answers 404 Not Found`]);
  const refused = await readProject(t, template('http://127.0.0.1:1/'));
  assert.match(
    complaints(refused)[0]!,
    /^2:1: error: http:\/\/127\.0\.0\.1:1\/ cannot be fetched: .*ECONNREFUSED/,
  );
});

test('a check fetches nothing, and holds nothing against what depends on it', async (t) => {
  const server = await serve(t, (_request, response) => response.end('x'));
  const template = `
variable "base" {}
data "http" "x" {
  url = var.base
}
locals {
  sum = "sha256:\${split(" ", data.http.x.body)[0]}"
}
source "qemu" "a" {
  iso_url      = "x.iso"
  iso_checksum = local.sum
  ssh_username = "root"
  memory       = "much"
}
source "null" "b" {
  communicator = "none"
}
build {
  sources = ["qemu.a", "null.b"]
  provisioner "shell" {
    script = data.http.x.body
  }
  provisioner "shell" {
    inline = [data.http.x.body]
  }
  dynamic "provisioner" {
    for_each = split(",", data.http.x.body)
    labels   = ["shell"]
    content {
      inline = [provisioner.value]
    }
  }
}`;
  const variables = { base: server.url };
  const said = await readProject(t, template, { variables, fetchData: false });
  assert.deepEqual(complaints(said), ['13:18: error: "memory" must be a whole number, not the text "much"']);
  const right = template.replace('  memory       = "much"\n', '');
  const result = await readProject(t, right, { variables, fetchData: false });
  assert.deepEqual(complaints(result), [
    '17:1: warning: the build "qemu.a" could not be checked to its end: it depends on data that is not fetched',
  ]);
  assert.deepEqual(result.builds, ['qemu.a', 'null.b']);
  assert.deepEqual(server.requests, []);
});

const mistakes: readonly (readonly [template: string, complaints: readonly string[]])[] = [
  [
    'locals {\n a = local.b\n b = local.c\n c = local.a\n d = local.a\n}',
    [
      '2:2: error: local.a, local.b, local.c refer to each other in a circle: local.a → local.b → local.c → local.a',
    ],
  ],
  ['locals {\n a = [local.a]\n}', ['2:2: error: local.a refers to itself']],
  [
    'data "null" "a" {\n input = local.x\n}\nlocals {\n x = data.null.a.output\n}',
    ['5:2: error: local.x, data.null.a refer to each other in a circle: local.x → data.null.a → local.x'],
  ],
  [
    'locals {\n a = 1\n}\nlocal "a" {\n expression = 2\n}',
    ['2:2: error: there is a local "a" already, at t.pkr.hcl:4:1'],
  ],
  [
    'data "null" "a" {\n input = "x"\n}\ndata "null" "a" {\n input = "y"\n}',
    ['4:1: error: there is data "null" "a" already, at t.pkr.hcl:1:1'],
  ],
  [
    'data "http" "a" {\n url = "x"\n method = "GTE"\n}',
    ['3:11: error: "GTE" is no method of HTTP (did you mean "GET"?)'],
  ],
  [
    'data "htp" "a" {\n}',
    ['1:6: error: Kiln does not have the data source "htp" yet (did you mean "http"?)'],
  ],
  ['data "http" "a" {\n url = ["x"]\n}', ['2:8: error: "url" is not right: a string is required']],
];

test('what is wrong with locals and data is told', async (t) => {
  for (const [template, expected] of mistakes) {
    assert.deepEqual(complaints(await openProject(t, template)), expected, template);
  }
});

test('a mistake in a local is told once, however many refer to it', async (t) => {
  const project = await openProject(
    t,
    'locals {\n a = var.nope\n b = "${local.a}-b"\n c = [local.b, local.a]\n}',
  );
  assert.equal(complaints(project).length, 1);
  assert.match(complaints(project)[0]!, /^2:9: error: unsupported attribute/);
});

test('sensitive locals and what functions make of secrets are secrets', async (t) => {
  const project = await openProject(
    t,
    `
variable "password" {
  sensitive = true
  default   = "geheim"
}
local "token" {
  sensitive  = true
  expression = "token-1"
}
locals {
  script  = "#!/bin/sh\\necho \${var.password}\\n"
  encoded = base64encode("user:\${var.password}")
  nested  = { list = [sha256(local.token)] }
  loud    = upper(var.password)
  length  = length(var.password)
  json    = jsonencode({ password = var.password })
  choice  = var.password == "x" ? "strong" : "weak"
}`,
  );
  assert.deepEqual(complaints(project), []);
  const { createHash } = await import('node:crypto');
  assert.deepEqual(
    [...project.secrets].sort(),
    [
      'GEHEIM',
      'geheim',
      'token-1',
      Buffer.from('user:geheim').toString('base64'),
      createHash('sha256').update('token-1').digest('hex'),
    ].sort(),
  );
});
