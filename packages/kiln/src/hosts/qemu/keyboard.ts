import { KilnError } from '../../base/errors.ts';
import type { BootAction, SpecialKey } from './boot-command.ts';

/** A key of the machine's keyboard by QEMU's name (QKeyCode, qapi/ui.json), going down or up. */
export interface KeyEvent {
  readonly code: string;
  readonly down: boolean;
}

/**
 * The events of one action on a US keyboard, which is what an installer assumes before it has asked.
 * @throws KilnError `unsupported` for a character that this keyboard does not have
 */
export function keyEvents(action: Exclude<BootAction, { kind: 'wait' }>): readonly KeyEvent[] {
  if (action.kind === 'key') return eventsOf(specialCodes[action.key], false, action.motion);
  const key = characterKey(action.character);
  if (!key) {
    throw new KilnError(
      'unsupported',
      `boot_command: there is no key for the character "${action.character}"`,
      {
        hint: 'boot_command types on a US keyboard: use its characters and the named keys only',
      },
    );
  }
  return eventsOf(key.code, key.shift, action.motion);
}

function eventsOf(code: string, shift: boolean, motion: 'press' | 'down' | 'up'): readonly KeyEvent[] {
  const down: KeyEvent[] = [...(shift ? [{ code: 'shift', down: true }] : []), { code, down: true }];
  const up: KeyEvent[] = [{ code, down: false }, ...(shift ? [{ code: 'shift', down: false }] : [])];
  if (motion === 'down') return down;
  return motion === 'up' ? up : [...down, ...up];
}

function characterKey(character: string): { code: string; shift: boolean } | undefined {
  if (/^[a-z0-9]$/.test(character)) return { code: character, shift: false };
  if (/^[A-Z]$/.test(character)) return { code: character.toLowerCase(), shift: true };
  const plain = plainCodes[character];
  if (plain) return { code: plain, shift: false };
  const base = shiftedFrom[character];
  return base === undefined ? undefined : { code: plainCodes[base] ?? base, shift: true };
}

const plainCodes: Readonly<Record<string, string>> = {
  ' ': 'spc',
  '\n': 'ret',
  '\r': 'ret',
  '\t': 'tab',
  '-': 'minus',
  '=': 'equal',
  '[': 'bracket_left',
  ']': 'bracket_right',
  '\\': 'backslash',
  ';': 'semicolon',
  "'": 'apostrophe',
  '`': 'grave_accent',
  ',': 'comma',
  '.': 'dot',
  '/': 'slash',
};

/** What the shift key makes of the other keys. */
const shiftedFrom: Readonly<Record<string, string>> = {
  '!': '1',
  '@': '2',
  '#': '3',
  $: '4',
  '%': '5',
  '^': '6',
  '&': '7',
  '*': '8',
  '(': '9',
  ')': '0',
  _: '-',
  '+': '=',
  '{': '[',
  '}': ']',
  '|': '\\',
  ':': ';',
  '"': "'",
  '~': '`',
  '<': ',',
  '>': '.',
  '?': '/',
};

const specialCodes: Readonly<Record<SpecialKey, string>> = {
  bs: 'backspace',
  del: 'delete',
  down: 'down',
  end: 'end',
  enter: 'ret',
  esc: 'esc',
  home: 'home',
  insert: 'insert',
  left: 'left',
  menu: 'compose',
  pagedown: 'pgdn',
  pageup: 'pgup',
  return: 'ret',
  right: 'right',
  spacebar: 'spc',
  tab: 'tab',
  up: 'up',
  f1: 'f1',
  f2: 'f2',
  f3: 'f3',
  f4: 'f4',
  f5: 'f5',
  f6: 'f6',
  f7: 'f7',
  f8: 'f8',
  f9: 'f9',
  f10: 'f10',
  f11: 'f11',
  f12: 'f12',
  leftalt: 'alt',
  leftctrl: 'ctrl',
  leftshift: 'shift',
  leftsuper: 'meta_l',
  // The keysyms that Packer sends for these are those of Alt and of Meta.
  leftcommand: 'alt',
  leftoption: 'meta_l',
  rightalt: 'alt_r',
  rightctrl: 'ctrl_r',
  rightshift: 'shift_r',
  rightsuper: 'meta_r',
  rightcommand: 'alt_r',
  rightoption: 'meta_r',
};
