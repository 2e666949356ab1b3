import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BootAction, parseBootCommand } from './boot-command.ts';
import { keyEvents } from './keyboard.ts';

const character = (one: string, motion: 'press' | 'down' | 'up' = 'press'): BootAction => ({
  kind: 'character',
  character: one,
  motion,
});
const wait = (milliseconds: number): BootAction => ({ kind: 'wait', milliseconds });

const table: readonly (readonly [string, readonly BootAction[]])[] = [
  ['', []],
  ['aZ~', [character('a'), character('Z'), character('~')]],
  ['<wait>', [wait(1000)]],
  ['<wait5>', [wait(5000)]],
  ['<wait1m20s>', [wait(80_000)]],
  ['<wait1.5s>', [wait(1500)]],
  ['<wait250ms>', [wait(250)]],
  ['<enter>', [{ kind: 'key', key: 'enter', motion: 'press' }]],
  ['<ENTER>', [{ kind: 'key', key: 'enter', motion: 'press' }]],
  [
    '<f1><f12>',
    [
      { kind: 'key', key: 'f1', motion: 'press' },
      { kind: 'key', key: 'f12', motion: 'press' },
    ],
  ],
  ['<pageUp>', [{ kind: 'key', key: 'pageup', motion: 'press' }]],
  [
    '<leftShiftOn>a<leftShiftOff>',
    [
      { kind: 'key', key: 'leftshift', motion: 'down' },
      character('a'),
      { kind: 'key', key: 'leftshift', motion: 'up' },
    ],
  ],
  [
    '<left><leftCtrlOn>',
    [
      { kind: 'key', key: 'left', motion: 'press' },
      { kind: 'key', key: 'leftctrl', motion: 'down' },
    ],
  ],
  ['<cOn><COFF>', [character('c', 'down'), character('C', 'up')]],
  ['<<On>', [character('<', 'down')]],
  ['<x>', [character('<'), character('x'), character('>')]],
  ['<Wait>', [...'<Wait>'].map((one) => character(one))],
  ['<wait 5>', [...'<wait 5>'].map((one) => character(one))],
  ['<wait05>', [...'<wait05>'].map((one) => character(one))],
  ['a<b', [character('a'), character('<'), character('b')]],
  ['é😀', [character('é'), character('😀')]],
  [
    '<spacebar><menu>',
    [
      { kind: 'key', key: 'spacebar', motion: 'press' },
      { kind: 'key', key: 'menu', motion: 'press' },
    ],
  ],
];

for (const [text, actions] of table) {
  test(`the boot command ${JSON.stringify(text)} is read as Packer reads it`, () => {
    assert.deepEqual(parseBootCommand(text), actions);
  });
}

test('a wait that is not positive is refused by name', () => {
  for (const text of ['<wait0>', '<wait0s>', '<wait-5s>']) {
    assert.throws(() => parseBootCommand(text), {
      code: 'template-invalid',
      message: new RegExp(`boot_command: ${text}`),
    });
  }
});

test('shifted characters hold the shift key', () => {
  assert.deepEqual(keyEvents({ kind: 'character', character: 'Q', motion: 'press' }), [
    { code: 'shift', down: true },
    { code: 'q', down: true },
    { code: 'q', down: false },
    { code: 'shift', down: false },
  ]);
  assert.deepEqual(keyEvents({ kind: 'character', character: '"', motion: 'up' }), [
    { code: 'apostrophe', down: false },
    { code: 'shift', down: false },
  ]);
});

test('a character that no key makes is refused', () => {
  assert.throws(() => keyEvents({ kind: 'character', character: 'é', motion: 'press' }), {
    code: 'unsupported',
  });
});
