import { type BlockText, blockText, type Code, hclCode, quoteHcl } from '@kiln/hcl';
import { isObject, type JsonObject, type JsonValue } from '../fix/json-value.ts';
import { cutAtActions, type GoOperand } from './go-action.ts';
import { upgradeText } from './text-code.ts';
import { isotimeCode, strftimeCode } from './time-format.ts';
import type { UpgradeNotes } from './upgrade-notes.ts';
import { freeName } from './upgraded-names.ts';

interface UpgradedVariable {
  readonly original: string;
  readonly name: string;
  /** As the JSON template has it; null when a value must be given. */
  readonly source: string | null;
  readonly isSensitive: boolean;
  /** Its default is worked out from other values, which the default of a variable cannot be in HCL2. */
  readonly isDerived: boolean;
}

/** Functions that the default of a variable may call. */
const allowedInDefaults = new Set(['env']);

/**
 * The variables of the new template, and the locals that it needs: one for each variable whose default refers to other
 * values, and one for each way in which the time is written.
 */
export class UpgradedValues {
  readonly #variables = new Map<string, UpgradedVariable>();
  /** Names of locals that write the time, by their expression. */
  readonly #times = new Map<string, string>();
  readonly #names = new Set<string>();
  readonly #notes: UpgradeNotes;

  constructor(template: JsonObject, notes: UpgradeNotes) {
    this.#notes = notes;
    const sensitive = listOf(template['sensitive-variables']);
    const declared = isObject(template['variables']) ? template['variables'] : {};
    for (const [original, value] of Object.entries(declared)) {
      const source = value === null ? null : String(value);
      this.#add({
        original,
        source,
        isSensitive: sensitive.includes(original),
        isDerived: isDerived(source),
      });
    }
  }

  /** How an expression refers to a variable of the JSON template. */
  reference(original: string): string {
    let found = this.#variables.get(original);
    if (!found) {
      this.#notes.warn(
        `the variable "${original}" is used and not declared`,
        'it is declared now, and empty unless it is given',
      );
      found = this.#add({ original, source: '', isSensitive: false, isDerived: false });
    }
    return `${found.isDerived ? 'local' : 'var'}.${found.name}`;
  }

  /** A variable that holds a value of the environment, for locals, which cannot ask for it themselves. */
  environment(name: string): string {
    const original = `environment ${name}`;
    const found = this.#variables.get(original);
    if (found) return `var.${found.name}`;
    const source = `{{env \`${name}\`}}`;
    const added = this.#add({ original, source, isSensitive: false, isDerived: false }, `env_${name}`);
    return `var.${added.name}`;
  }

  /** What stands for the function timestamp. */
  timestamp(): string {
    this.#notes.warn(
      'timestamp was the seconds since 1970 and is a text such as 20240102030405 now',
      'look whether something counts with it',
    );
    return this.#time('timestamp', 'regex_replace(timestamp(), "[- TZ:]", "")');
  }

  /** What stands for the function isotime, with a layout or without. */
  isotime(layout: string | undefined): string {
    return this.#time('isotime', layout === undefined ? 'timestamp()' : isotimeCode(layout));
  }

  strftime(format: string): string {
    return this.#time('strftime', strftimeCode(format));
  }

  /** Blocks that declare the variables. */
  variableBlocks(): readonly BlockText[] {
    return [...this.#variables.values()].map((variable) => {
      const { name, source, isSensitive, isDerived } = variable;
      return {
        type: 'variable',
        labels: [name],
        attributes: {
          type: hclCode('string'),
          default: isDerived ? null : source === null ? undefined : this.#upgraded(source, 'direct'),
          sensitive: isSensitive || undefined,
        },
      };
    });
  }

  /** The blocks of locals, as text; to be asked for when everything else is upgraded. */
  localsText(): string {
    const derived = [...this.#variables.values()].filter((one) => one.isDerived);
    const codes = new Map(
      derived.map((one) => [
        one,
        hclCode(`var.${one.name} != null ? var.${one.name} : ${this.#expression(one)}`),
      ]),
    );
    const open = derived.filter((one) => !one.isSensitive);
    const attributes: Record<string, Code> = {};
    // What the others refer to has joined the times by now.
    for (const [code, name] of this.#times) attributes[name] = hclCode(code);
    for (const one of open) attributes[one.name] = codes.get(one)!;
    const blocks = derived
      .filter((one) => one.isSensitive)
      .map((one) =>
        blockText({
          type: 'local',
          labels: [one.name],
          attributes: { expression: codes.get(one)!, sensitive: true },
        }),
      );
    const all =
      Object.keys(attributes).length > 0 ? [blockText({ type: 'locals', attributes }), ...blocks] : blocks;
    return all.join('\n');
  }

  #add(variable: Omit<UpgradedVariable, 'name'>, wanted = variable.original): UpgradedVariable {
    const name = freeName(wanted, this.#names);
    if (name !== wanted) {
      this.#notes.warn(
        `the variable "${variable.original}" is now "${name}": its name cannot be one in HCL2`,
        `give it with -var ${name}=…`,
      );
    }
    this.#names.add(name);
    const added = { ...variable, name };
    this.#variables.set(variable.original, added);
    return added;
  }

  #time(wanted: string, code: string): string {
    const name = this.#times.get(code) ?? freeName(wanted, this.#names);
    this.#times.set(code, name);
    this.#names.add(name);
    return `local.${name}`;
  }

  #upgraded(source: string, environment: 'direct' | 'variable'): string | Code {
    return upgradeText(source, { values: this, notes: this.#notes, environment });
  }

  #expression({ source }: UpgradedVariable): string {
    const upgraded = this.#upgraded(source ?? '', 'variable');
    return typeof upgraded === 'string' ? quoteHcl(upgraded) : upgraded.text;
  }
}

/** Whether a default calls something that the default of an HCL2 variable cannot. */
function isDerived(source: string | null): boolean {
  if (source === null) return false;
  return cutAtActions(source).some(
    (part) =>
      part.kind === 'action' &&
      (part.call
        ? calledBy(part.call).some((name) => !allowedInDefaults.has(name))
        : /\buser\b/.test(part.source)),
  );
}

function calledBy(operand: GoOperand): string[] {
  return operand.kind === 'constant' ? [] : [operand.name, ...operand.args.flatMap(calledBy)];
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
