import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QemuSource } from '../../plan/qemu-source.ts';
import type { ShellStep } from '../../plan/step.ts';
import { planOf, read } from './testing.ts';

const greeting = 'kiln: 1\nvariables: {greeting: {default: one, env: GREETING}}\n';
const usesGreeting = `${greeting}images: {web: {from: debian/12, steps: [{run: "echo \${greeting}"}]}}\n`;

function scriptOf(plan: ReturnType<typeof planOf>): unknown {
  const { script } = plan.builds[0]!.steps[0] as ShellStep;
  return script.kind === 'inline' ? script.lines[0] : undefined;
}

test('the command line is stronger than KILN_VAR_name, which is stronger than a named variable and the default', (t) => {
  const env = { GREETING: 'two', KILN_VAR_greeting: 'three' };
  assert.equal(scriptOf(planOf(t, usesGreeting)), 'echo one');
  assert.equal(scriptOf(planOf(t, usesGreeting, { env: { GREETING: 'two' } })), 'echo two');
  assert.equal(scriptOf(planOf(t, usesGreeting, { env })), 'echo three');
  assert.equal(scriptOf(planOf(t, usesGreeting, { env, variables: { greeting: 'four' } })), 'echo four');
});

test('a variable may stand where a number or a size is wanted', (t) => {
  const plan = planOf(
    t,
    `kiln: 1
variables: {cpus: 3, size: 2, reboot: "yes"}
images: {web: {from: debian/12, cpus: "\${cpus}", memory: "\${size}G"}}
`,
  );
  const { hardware } = plan.builds[0]!.source as QemuSource;
  assert.deepEqual([hardware.cpus, hardware.memory], [3, 2 * 2 ** 30]);
});

test('a quoted number is text and no number', (t) => {
  const { messages } = read(t, 'kiln: 1\nimages: {web: {from: debian/12, cpus: "3"}}\n');
  assert.deepEqual(messages, [
    'kiln.yaml:2:39: error: cpus: found "3", expected a whole number from 1 to 256',
  ]);
});

test('a script keeps what is the shell’s own', (t) => {
  const plan = planOf(
    t,
    `kiln: 1
variables: {who: you}
images:
  web:
    from: debian/12
    steps:
      - run: |
          echo \${who} $\${HOME} \${HOME:-x} \${#a[@]} $$ $1 "\${a%.*}"
`,
  );
  assert.equal(scriptOf(plan), 'echo you ${HOME} ${HOME:-x} ${#a[@]} $$ $1 "${a%.*}"');
});

test('outside of scripts a reference that is no name is a mistake', (t) => {
  const { messages } = read(
    t,
    'kiln: 1\nimages: {web: {from: debian/12, description: "a ${b-c} ${d", tags: ["$${x}"]}}\n',
  );
  assert.deepEqual(messages, [
    'kiln.yaml:2:49: error: "${b-c}" is not a variable (a variable is "${name}"; write "$${" for a plain "${")',
    'kiln.yaml:2:56: error: "${d" is not a variable (a variable is "${name}"; write "$${" for a plain "${")',
    'kiln.yaml:2:69: error: entry 1 of tags: found "$${x}", expected a tag such as "1.0" or "latest"',
  ]);
});

test('an unknown variable in a long script is reported on its own line', (t) => {
  const { messages } = read(
    t,
    'kiln: 1\nimages:\n  web:\n    from: debian/12\n    steps:\n      - run: |\n          echo a\n          echo ${nope} ${nope}\n          echo ${nope}\n',
  );
  assert.deepEqual(
    messages.map((one) => one.slice(0, 60)),
    [
      'kiln.yaml:8:16: error: there is no variable "nope" (declare ',
      'kiln.yaml:8:24: error: there is no variable "nope" (declare ',
      'kiln.yaml:9:16: error: there is no variable "nope" (declare ',
    ],
  );
});

test('a variable without a value is reported once, with the ways to give it one', (t) => {
  const { messages } = read(
    t,
    'kiln: 1\nvariables: {token: {env: API_TOKEN}}\nimages: {web: {from: debian/12, steps: [{run: "${token}"}]}}\n',
  );
  assert.deepEqual(messages, [
    'kiln.yaml:2:13: error: the variable "token" has no value (give it with --var token=…, the environment variable API_TOKEN or KILN_VAR_token, or write a default)',
  ]);
});

test('a value for a variable that does not exist is a mistake', (t) => {
  const { messages } = read(t, greeting, { variables: { greting: 'x' } });
  assert.deepEqual(messages, [
    'kiln.yaml:2:12: error: a value is given for "greting", but there is no such variable (did you mean "greeting"?)',
  ]);
});

test('values of sensitive variables are the plan’s secrets, and no message shows them', (t) => {
  const text =
    'kiln: 1\nvariables: {token: {sensitive: true}, open: x}\nimages: {web: {from: debian/12, memory: "${token}"}}\n';
  const { messages } = read(t, text, { variables: { token: 'hunter2' } });
  assert.deepEqual(messages, [
    'kiln.yaml:3:41: error: memory: found "${token}", expected a size such as 512M or 4G',
  ]);
  const plan = planOf(t, text.replace('memory', 'description'), { variables: { token: 'hunter2' } });
  assert.deepEqual(plan.secrets, ['hunter2']);
});
