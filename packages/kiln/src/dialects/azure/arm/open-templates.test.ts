import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problems } from '../../../base/yaml/problems.ts';
import { changed, smallBody } from '../testing/templates.ts';
import { openTemplates } from './open-templates.ts';

const type = 'Microsoft.VirtualMachineImages/imageTemplates';

function open(value: unknown, values: Record<string, unknown> = {}) {
  const problems = new Problems();
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  const opened = openTemplates({ file: 'my image.json', text, values, now: new Date(0) }, problems);
  const said = problems
    .list()
    .map(
      ({ severity, at, message, hint }) =>
        `${at.line}:${at.column} ${severity}: ${message}${hint ? ` (${hint})` : ''}`,
    );
  return { ...opened, said };
}

function deployment(more: object, parts: object = {}) {
  return {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters: {
      name: { type: 'string', defaultValue: 'web', metadata: { description: 'Its name.' } },
      lines: { type: 'array', defaultValue: ['echo a'] },
      minutes: { type: 'int', defaultValue: 60 },
      token: { type: 'securestring', defaultValue: 'hush' },
    },
    variables: { image: "[concat('image-', parameters('name'))]", again: "[variables('image')]" },
    resources: [
      { type: 'Microsoft.Compute/galleries', apiVersion: 'x', name: "[reference('x').y]" },
      { ...smallBody(), type, apiVersion: '2024-02-01', name: "[parameters('name')]", ...more },
    ],
    ...parts,
  };
}

test('a body, a resource and a deployment hold the same template', () => {
  const body = open(smallBody());
  const resource = open({ type, apiVersion: '2022-07-01', name: 'web', dependsOn: ['x'], ...smallBody() });
  const deployed = open(deployment({}));
  for (const { said } of [body, resource, deployed]) assert.deepEqual(said, []);
  assert.deepEqual(
    [body, resource, deployed].map(({ templates }) =>
      templates.map(({ name, apiVersion }) => [name, apiVersion]),
    ),
    [[['my-image', '2025-10-01']], [['web', '2022-07-01']], [['web', '2024-02-01']]],
  );
  assert.deepEqual(body.templates[0]!.template, resource.templates[0]!.template);
  assert.deepEqual(body.templates[0]!.template, deployed.templates[0]!.template);
});

test('expressions are filled in, in names too, and given values count', () => {
  const body = smallBody({
    customize: [{ type: 'Shell', inline: "[parameters('lines')]" }],
    buildTimeoutInMinutes: "[parameters('minutes')]",
  });
  const identity = {
    type: 'UserAssigned',
    userAssignedIdentities: {
      "[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', variables('again'))]": {},
    },
  };
  const { templates, said, secrets } = open(deployment({ ...body, identity }), {
    lines: '["echo b", "echo c"]',
    minutes: '30',
    subscriptionId: 'mine',
    resourceGroup: 'here',
  });
  assert.deepEqual(said, []);
  assert.deepEqual(secrets, ['hush']);
  const { template } = templates[0]!;
  assert.deepEqual(template.properties.customize, [{ type: 'Shell', inline: ['echo b', 'echo c'] }]);
  assert.equal(template.properties.buildTimeoutInMinutes, 30);
  assert.deepEqual(Object.keys(template.identity!.userAssignedIdentities!), [
    '/subscriptions/mine/resourceGroups/here/providers/Microsoft.ManagedIdentity/userAssignedIdentities/image-web',
  ]);
});

test('mistakes are told at their places, and all at once', () => {
  const text = `{
  // what is built
  "type": "${type}",
  "apiVersion": "2024-02-01",
  "location": "westeurope",
  "identity": {"type": "UserAssigned", "userAssignedIdentities": {"<identity>": {}}},
  "properties": {
    "source": {"type": "PlatformImage"},
    "customize": [
      {"type": "Shell", "script": "x"},
      {"type": "Shell", "inline": ["[parameters('x')]"]}
    ],
    "distribute": []
  }
}`;
  assert.deepEqual(open(text).said, [
    '6:67 warning: "<identity>" is still to be filled in',
    '10:25 error: unknown field "script" (write "scriptUri")',
    '11:36 error: an expression counts only in a deployment template (put the resource into "resources" of one, with "$schema" and "parameters")',
    '13:5 error: there is no target to distribute the image to (add one to "distribute")',
  ]);
});

test('parameters are checked as a deployment checks them', () => {
  const messages = (parts: object, values: Record<string, unknown> = {}) =>
    open(deployment({}, parts), values).said.map((line) => line.replace(/^\d+:\d+ error: /, ''));
  assert.deepEqual(messages({ parameters: {} }), ['there is no parameter "name"']);
  assert.deepEqual(messages({ parameters: { name: { type: 'string' } } }), [
    'the parameter "name" has no value (give it with --var name=…)',
  ]);
  assert.deepEqual(messages({}, { nmae: 'x' }), [
    'a value is given for "nmae", but the template has no such parameter (did you mean "name"?)',
  ]);
  const allowed = { name: { type: 'string', allowedValues: ['a', 'b'] } };
  assert.match(
    messages({ parameters: allowed }, { name: 'c' })[0]!,
    /^the parameter "name" may not be "c" \(.*allows "a", "b"\)/,
  );
  const round = { name: { type: 'string', defaultValue: "[variables('a')]" } };
  assert.deepEqual(messages({ parameters: round, variables: { a: "[parameters('name')]" } }), [
    'the parameter "name" refers to itself',
  ]);
});

test('what is no image template is refused with what to do', () => {
  assert.match(open('[]').said[0]!, /an image template is an object/);
  assert.match(
    open({ resources: [{ type: 'Microsoft.Compute/images' }] }).said[0]!,
    /deploys no image template/,
  );
  assert.match(
    open(changed(smallBody(), { apiVersion: '2024-01-01' })).said[0]!,
    /no apiVersion "2024-01-01".*did you mean/,
  );
  assert.match(open(changed(smallBody(), { name: 'a b' })).said[0]!, /"a b" is no name/);
  assert.match(open(deployment({ copy: { name: 'x', count: 2 } })).said[0]!, /does not repeat resources/);
  assert.deepEqual(open(deployment({ condition: false })).templates, []);
});

test('variables that grow without end, or refer to each other without end, are mistakes', () => {
  const many = Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => [`v${index}`, `[variables('v${index + 1}')]`]),
  );
  const doubled = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [
      `v${index}`,
      `[concat(variables('v${index + 1}'), variables('v${index + 1}'))]`,
    ]),
  );
  for (const [variables, message] of [
    [{ ...many, v400: 'x' }, /too long a chain of others/],
    [{ ...doubled, v40: 'x' }, /gives more than \d+ letters/],
  ] as const) {
    const { said } = open(deployment({ tags: { x: "[variables('v0')]" } }, { variables }));
    assert.match(said.join('\n'), message);
  }
});
