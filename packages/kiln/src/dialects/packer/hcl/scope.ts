import {
  type EvalContext,
  type HclFunction,
  mapValue,
  objectValue,
  sameType,
  stringValue,
  type Value,
} from '@kiln/hcl';
import { packerVersion } from '../../../text/packer-version.ts';
import type { Variable } from './variable-values.ts';

/**
 * What expressions of a template can refer to
 * (https://developer.hashicorp.com/packer/docs/templates/hcl_templates/contextual-variables). Locals and data join
 * as they become known.
 */
export class Scope {
  readonly functions: ReadonlyMap<string, HclFunction>;
  readonly locals = new Map<string, Value>();
  readonly #data = new Map<string, Map<string, Value>>();
  readonly #fixed: readonly (readonly [string, Value])[];

  constructor(options: {
    readonly variables: readonly Variable[];
    readonly functions: ReadonlyMap<string, HclFunction>;
    /** The template's folder, as the user named it. */
    readonly root: string;
    readonly cwd: string;
  }) {
    this.functions = options.functions;
    const path = { root: options.root, cwd: options.cwd };
    this.#fixed = [
      ['var', objectValue(options.variables.map(({ name, value }) => [name, value]))],
      ['path', objectValue(Object.entries(path).map(([name, text]) => [name, slashed(text)]))],
      ['packer', packerObject],
    ];
  }

  addData(type: string, name: string, value: Value): void {
    const named = this.#data.get(type) ?? new Map<string, Value>();
    this.#data.set(type, named.set(name, value));
  }

  /** What everything in a template sees, with further names such as `source` and `build`. */
  context(more: Iterable<readonly [string, Value]> = []): EvalContext {
    return {
      functions: this.functions,
      variables: new Map([
        ...this.#fixed,
        ['local', objectValue(this.locals)],
        ['data', objectValue([...this.#data].map(([type, named]) => [type, collection(named)]))],
        ...more,
      ]),
    };
  }
}

/** A context with further names, which hide those of the outer one. */
export function within(context: EvalContext, names: Iterable<readonly [string, Value]>): EvalContext {
  const variables = new Map(names);
  return variables.size === 0 ? context : { variables, parent: context };
}

/** What only HCP Packer could tell is what Packer puts there without it. */
const packerObject = objectValue([
  ['version', stringValue(packerVersion)],
  ['iterationID', stringValue('<unknown>')],
  ['versionFingerprint', stringValue('<unknown>')],
]);

function slashed(path: string): Value {
  return stringValue(path.replaceAll('\\', '/'));
}

/** A map, as Packer has it, where the values allow one. */
function collection(named: ReadonlyMap<string, Value>): Value {
  const [first, ...others] = named.values();
  const isUniform = first !== undefined && others.every(({ type }) => sameType(type, first.type));
  return isUniform ? mapValue(first.type, named) : objectValue(named);
}
