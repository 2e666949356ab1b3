import { Random } from './random.ts';

/**
 * A random expression that mostly can be evaluated, over the locals of expressions.ts; the same for the same seed. It
 * avoids what Packer 1.6.6 is known to do otherwise: nulls, remainders, divisions by zero, and conditions whose results
 * are lists and maps of different types, for which its go-cty finds other types in common.
 */
export function randomExpression(seed: number): string {
  return new Writer(new Random(seed)).any(3);
}

type Make = (depth: number) => string;

class Writer {
  readonly #random: Random;
  /** Names that `for` has given a meaning. */
  #names: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  any(depth: number): string {
    return this.#one(depth, [this.#number, this.#text, this.#bool, this.#list, this.#object]);
  }

  #one(depth: number, makers: readonly Make[]): string {
    const make = this.#random.pick(makers).bind(this);
    // Sometimes of another kind than is wanted, to see what is converted and what is refused.
    if (depth > 0 && this.#random.below(25) === 0) return this.any(depth - 1);
    return make(depth);
  }

  #number(depth: number): string {
    const simple = ['0', '1', '2', '10', '1.5', '"3"', '0.25', 'local.tuple[1]', '1000000', '-1'];
    if (depth === 0) return this.#random.pick(simple);
    const number = () => this.#one(depth - 1, [this.#number]);
    return this.#random.pick([
      () => this.#random.pick(simple),
      () => `${number()} ${this.#random.pick(['+', '-', '*'])} ${number()}`,
      () => `${number()} / ${this.#random.pick(['2', '4', '10', '0.5'])}`,
      () => `(${number()})`,
      () => `-${this.#number(0)}`,
      () => `length(${this.#one(depth - 1, [this.#list, this.#text, this.#object])})`,
      () => `max(${number()}, ${number()})`,
      () => this.#condition(depth, this.#number),
      () => `${this.#one(depth - 1, [this.#list])}[${this.#random.below(3)}]`,
    ])();
  }

  #text(depth: number): string {
    const simple = [
      '""',
      '"a"',
      '"b c"',
      '"é"',
      '"1"',
      '"true"',
      'local.name',
      'local.map.k1',
      'local.object.nested.deep',
    ];
    if (depth === 0) return this.#random.pick([...simple, ...this.#names]);
    const text = () => this.#one(depth - 1, [this.#text]);
    return this.#random.pick([
      () => this.#random.pick([...simple, ...this.#names]),
      () => `"x\${${this.any(depth - 1)}}y"`,
      () => `"\${${this.any(depth - 1)}}"`,
      () => `"%{ if ${this.#one(depth - 1, [this.#bool])} }\${${text()}}%{ else }z%{ endif }"`,
      () => `"%{ for e in ${this.#one(depth - 1, [this.#list])} }\${e}%{ endfor }"`,
      () => `upper(${text()})`,
      () => `join("-", ${this.#one(depth - 1, [this.#list])})`,
      () => this.#condition(depth, this.#text),
      () => `${this.#one(depth - 1, [this.#object])}.a`,
      () => `local.map[${text()}]`,
    ])();
  }

  #bool(depth: number): string {
    if (depth === 0) return this.#random.pick(['true', 'false', '"true"']);
    const bool = () => this.#one(depth - 1, [this.#bool]);
    return this.#random.pick([
      () => this.#random.pick(['true', 'false']),
      () => `${this.any(depth - 1)} ${this.#random.pick(['==', '!='])} ${this.any(depth - 1)}`,
      () =>
        `${this.#number(depth - 1)} ${this.#random.pick(['<', '<=', '>', '>='])} ${this.#number(depth - 1)}`,
      () => `${bool()} ${this.#random.pick(['&&', '||'])} ${bool()}`,
      () => `!${this.#bool(0)}`,
      () => `can(${this.any(depth - 1)})`,
      () => `contains(${this.#one(depth - 1, [this.#list])}, ${this.any(depth - 1)})`,
    ])();
  }

  #list(depth: number): string {
    const simple = [
      '[]',
      '[1, 2]',
      '["a", "b"]',
      'local.list',
      'local.tuple',
      'local.set',
      'local.objects[*].name',
    ];
    if (depth === 0) return this.#random.pick(simple);
    return this.#random.pick([
      () => this.#random.pick(simple),
      () => `[${Array.from({ length: this.#random.below(4) }, () => this.any(depth - 1)).join(', ')}]`,
      () => this.#for(depth),
      () => `${this.#one(depth - 1, [this.#list, this.#object])}[*]`,
      () => `${this.#random.pick(['local.objects', '[local.object]'])}.*.name`,
      () => `concat(${this.#one(depth - 1, [this.#list])}, ${this.#one(depth - 1, [this.#list])})`,
      () =>
        `convert(${this.#one(depth - 1, [this.#list])}, ${this.#random.pick(['list', 'set'])}(${this.#random.pick(['string', 'number', 'any'])}))`,
      () => `try(${this.#one(depth - 1, [this.#list])}, [])`,
    ])();
  }

  #for(depth: number): string {
    const name = `e${depth}`;
    const collection = this.#one(depth - 1, [this.#list, this.#object]);
    this.#names.push(name);
    const value = this.any(depth - 1);
    const condition = this.#random.below(3) === 0 ? ` if ${this.#bool(1)}` : '';
    this.#names.pop();
    return `[for ${this.#random.below(2) === 0 ? `k${depth}, ` : ''}${name} in ${collection} : ${value}${condition}]`;
  }

  #object(depth: number): string {
    const simple = [
      '{}',
      '{ a = 1 }',
      '{ a = "x", b = "y" }',
      'local.map',
      'local.object',
      'local.objects[0]',
    ];
    if (depth === 0) return this.#random.pick(simple);
    return this.#random.pick([
      () => this.#random.pick(simple),
      () =>
        `{ a = ${this.any(depth - 1)}, ${this.#random.pick(['b', '"c d"', '(local.name)'])} = ${this.any(depth - 1)} }`,
      () =>
        `{for v in ${this.#one(depth - 1, [this.#list])} : v => ${this.any(depth - 1)}${this.#random.pick(['', '...'])}}`,
      () => `merge(${this.#one(depth - 1, [this.#object])}, ${this.#one(depth - 1, [this.#object])})`,
      () =>
        `convert(${this.#one(depth - 1, [this.#object])}, map(${this.#random.pick(['string', 'number'])}))`,
    ])();
  }

  #condition(depth: number, make: Make): string {
    const bool = this.#one(depth - 1, [this.#bool]);
    return `(${bool} ? ${this.#one(depth - 1, [make])} : ${this.#one(depth - 1, [make])})`;
  }
}
