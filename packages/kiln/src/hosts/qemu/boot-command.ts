import { parseDuration } from '../../base/durations.ts';
import { KilnError } from '../../base/errors.ts';

/** One thing to do at the machine's keyboard. */
export type BootAction =
  | { readonly kind: 'wait'; readonly milliseconds: number }
  | { readonly kind: 'character'; readonly character: string; readonly motion: KeyMotion }
  | { readonly kind: 'key'; readonly key: SpecialKey; readonly motion: KeyMotion };

/** `press` is down and up again. */
export type KeyMotion = 'press' | 'down' | 'up';

/** Packer's names in lower case. */
export type SpecialKey = (typeof specialKeys)[number];

const specialKeys = [
  ...(['bs', 'del', 'down', 'end', 'enter', 'esc', 'home', 'insert', 'left', 'menu', 'pagedown'] as const),
  ...(['pageup', 'return', 'right', 'spacebar', 'tab', 'up'] as const),
  ...(['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8', 'f9', 'f10', 'f11', 'f12'] as const),
  ...(['leftalt', 'leftctrl', 'leftshift', 'leftsuper', 'leftcommand', 'leftoption'] as const),
  ...(['rightalt', 'rightctrl', 'rightshift', 'rightsuper', 'rightcommand', 'rightoption'] as const),
] as const;

const specialNames: ReadonlySet<string> = new Set(specialKeys);

/**
 * Reads Packer's boot_command language: `<wait>` (one second), `<wait5>`, `<wait1m20s>`, `<enter>` and the other
 * keys, `<leftShiftOn>` and `<leftShiftOff>`, `<cOn>` for a character. What is none of these is typed as it stands,
 * angle brackets included.
 * @throws KilnError `template-invalid` for a wait that is not positive
 */
export function parseBootCommand(text: string): readonly BootAction[] {
  const actions: BootAction[] = [];
  let at = 0;
  while (at < text.length) {
    const found = text[at] === '<' ? expressionAt(text, at) : undefined;
    if (found) {
      actions.push(found.action);
      at += found.length;
    } else {
      const character = String.fromCodePoint(text.codePointAt(at)!);
      actions.push({ kind: 'character', character, motion: 'press' });
      at += character.length;
    }
  }
  return actions;
}

function expressionAt(text: string, at: number): { action: BootAction; length: number } | undefined {
  // The longest expression is a wait; a `>` beyond it belongs to something else.
  const rest = text.slice(at, at + 64);
  const wait = /^<wait([^>]*)>/.exec(rest);
  const milliseconds = wait ? waitOf(wait[1]!) : undefined;
  if (wait && milliseconds !== undefined) {
    if (milliseconds <= 0) {
      throw new KilnError('template-invalid', `boot_command: ${wait[0]} does not wait for a positive time`);
    }
    return { action: { kind: 'wait', milliseconds }, length: wait[0].length };
  }
  const toggle = /^<(.)(on|off)>/isu.exec(rest);
  if (toggle) {
    const action: BootAction = { kind: 'character', character: toggle[1]!, motion: motionOf(toggle[2]) };
    return { action, length: toggle[0].length };
  }
  const special = /^<([a-z]+?\d*)(on|off)?>/i.exec(rest);
  const key = special?.[1]?.toLowerCase();
  if (special && key !== undefined && isSpecialKey(key)) {
    return { action: { kind: 'key', key, motion: motionOf(special[2]) }, length: special[0].length };
  }
  return undefined;
}

/** A whole number counts in seconds; nothing at all is one second. */
function waitOf(text: string): number | undefined {
  if (text === '') return 1000;
  if (/^(0|[1-9]\d*)$/.test(text)) return Number(text) * 1000;
  return text.startsWith('+') || text === '-0' ? undefined : parseDuration(text);
}

function motionOf(toggle: string | undefined): KeyMotion {
  if (toggle === undefined) return 'press';
  return toggle.toLowerCase() === 'on' ? 'down' : 'up';
}

function isSpecialKey(name: string): name is SpecialKey {
  return specialNames.has(name);
}
