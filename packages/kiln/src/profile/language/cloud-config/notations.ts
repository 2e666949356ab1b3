import { notation } from '../../../base/yaml/shape.ts';
import { swapSizeProblem } from '../notations/settings.ts';

const words: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  y: true,
  false: false,
  no: false,
  off: false,
  n: false,
};

/** True or false in the words of YAML 1.1, which cloud-init reads. */
export const yesNo = notation<boolean>({
  expected: 'true or false',
  pattern: '^(true|yes|on|y|false|no|off|n)$',
  allowsNumber: false,
  allowsSwitch: true,
  parse: (text) => words[text.toLowerCase()],
});

/** Permission bits. A number counts as YAML 1.1 has it: octal only with a 0 in front. */
export const permissions = notation<number>({
  expected: 'permission bits such as "0644"',
  pattern: '^(0o?)?[0-7]{3,4}$',
  allowsNumber: true,
  whenNumber: (written) =>
    written.startsWith('0')
      ? undefined
      : {
          problem: `${written} is a number in decimal digits, which gives other permissions than it looks like`,
          hint: `write "0${written}"`,
        },
  parse: (text) =>
    /^(?:0o?)?[0-7]{3,4}$/.test(text) ? Number.parseInt(text.replace('o', ''), 8) : undefined,
});

/** Size of a swap file in bytes, as cloud-init takes it. */
export const swapBytes = notation<number>({
  expected: 'a size in bytes, or one such as 2G',
  pattern: '^(auto|[0-9]*\\.?[0-9]+[BKMGT]?)$',
  allowsNumber: true,
  parse: (text) => {
    if (text === 'auto') {
      return {
        problem: '"auto" depends on the memory of the machine, which an image does not have',
        hint: 'write a size, such as 2G',
      };
    }
    const match = /^(\d*\.?\d+)([BKMGT])?$/i.exec(text);
    if (!match) return undefined;
    const exponent = 'BKMGT'.indexOf((match[2] ?? 'B').toUpperCase());
    const bytes = Math.round(Number(match[1]) * 1024 ** exponent);
    return swapSizeProblem(text, bytes) ?? bytes;
  },
});
