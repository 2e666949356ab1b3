import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanUi, machineUi } from './vagrant-ui.ts';

function output() {
  const text = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({
    write: (part: string) => {
      text[name] += part;
    },
    paint: (_color: string, part: string) => part,
  });
  return {
    text,
    out: { stdout: stream('stdout'), stderr: stream('stderr'), canAsk: false, now: () => 1_700_000_000_999 },
  };
}

test('lines for people begin with the machine, details are set in, and errors go to standard error', () => {
  const { text, out } = output();
  const ui = humanUi(out);
  ui.info('one\ntwo');
  ui.of('web').output('booting\nnow');
  ui.of('web').detail('its line');
  ui.of('web').plain.info('plain');
  ui.error('wrong');
  ui.machine('state', 'running');
  ui.part('a ');
  ui.part('b');
  assert.equal(text.stdout, 'one\ntwo\n==> web: booting\n==> web: now\n    web: its line\nplain\na b');
  assert.equal(text.stderr, 'wrong\n');
});

test('lines for programs have their time, target and type, and no commas or line ends in fields', () => {
  const { text, out } = output();
  const ui = machineUi(out);
  ui.info('one, two\nthree\r');
  ui.of('web').machine('state', 'running');
  ui.of('web').error('wrong');
  ui.machine('forwarded_port', '80', '8080');
  assert.equal(
    text.stdout,
    [
      '1700000000,,ui,info,one%!(VAGRANT_COMMA) two\\nthree\\r',
      '1700000000,web,state,running',
      '1700000000,web,ui,error,==> web: wrong',
      '1700000000,,forwarded_port,80,8080',
      '',
    ].join('\n'),
  );
  assert.equal(text.stderr, '');
});
