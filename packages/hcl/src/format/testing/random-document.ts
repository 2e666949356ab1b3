import { Random } from '../../testing/random.ts';

/**
 * A well-formed text in the native syntax whose white space is careless: what formatters are compared on. The names
 * and values mean nothing.
 */
export function randomDocument(seed: number): string {
  return new Writer(new Random(seed)).body(0);
}

class Writer {
  readonly #random: Random;
  readonly #lineEnd: string;

  constructor(random: Random) {
    this.#random = random;
    this.#lineEnd = random.below(8) === 0 ? '\r\n' : '\n';
  }

  body(depth: number): string {
    const used = new Set<string>();
    return this.#some(1, 6, () => this.#item(depth, used)).join('');
  }

  /** Between `least` and `most` texts. */
  #some(least: number, most: number, make: () => string): string[] {
    return Array.from({ length: least + this.#random.below(most - least + 1) }, make);
  }

  #item(depth: number, used: Set<string>): string {
    switch (this.#random.below(depth > 2 ? 6 : 9)) {
      case 0:
        return `${this.#blanks()}${this.#lineEnd}`;
      case 1:
        return `${this.#blanks()}${this.#random.pick(['#', '//'])}${this.#random.pick(['', ' a', 'b = 1  '])}${this.#lineEnd}`;
      case 2:
        return `${this.#blanks()}/* a${this.#random.pick(['', '\n  b'])} */${this.#rest()}`;
      case 6:
      case 7:
        return this.#block(depth);
      default:
        return `${this.#blanks()}${this.#newName(used)}${this.#blanks()}=${this.#blanks()}${this.#assigned()}`;
    }
  }

  /** A name that no other attribute of the body has. */
  #newName(used: Set<string>): string {
    let name = this.#name();
    while (used.has(name)) name += this.#random.below(10);
    used.add(name);
    return name;
  }

  #assigned(): string {
    if (this.#random.below(9) === 0) return `${this.#heredoc()}${this.#lineEnd}`;
    return `${this.#expression(3, false)}${this.#rest()}`;
  }

  #block(depth: number): string {
    const labels = this.#some(0, 2, () => `${this.#blanks()}${this.#random.pick(['"x"', '"long label"'])}`);
    const header = `${this.#blanks()}${this.#name()}${labels.join('')}${this.#blanks()}{`;
    if (this.#random.below(6) === 0) return `${header}${this.#blanks()}}${this.#rest()}`;
    if (this.#random.below(6) === 0) {
      const attribute = `${this.#name()}${this.#blanks()}=${this.#blanks()}${this.#expression(1, false)}`;
      return `${header}${this.#blanks()}${attribute}${this.#blanks()}}${this.#rest()}`;
    }
    return `${header}${this.#rest()}${this.body(depth + 1)}${this.#blanks()}}${this.#rest()}`;
  }

  /** What may follow a whole item or an opening brace on its line. */
  #rest(): string {
    const comment = this.#random.pick(['', '', '', '# c', '// longer comment', '/* c */']);
    return `${this.#blanks()}${comment}${this.#lineEnd}`;
  }

  #blanks(): string {
    return this.#random.pick(['', ' ', ' ', '  ', '\t', '     ']);
  }

  /** White space where line ends count for nothing. */
  #free(): string {
    return this.#random.below(6) === 0 ? this.#rest() : this.#blanks();
  }

  #name(): string {
    return this.#random.pick([
      'a',
      'b_c',
      'name',
      'with-dash',
      'größe',
      'rather_long_name',
      'in',
      'for_each',
    ]);
  }

  /** `free` says whether the expression stands in brackets, where it may go on over lines. */
  #expression(depth: number, free: boolean): string {
    const random = this.#random;
    const gap = () => (free ? this.#free() : this.#blanks());
    const inner = () => this.#expression(depth - 1, free);
    if (depth === 0) return this.#simple();
    switch (random.below(14)) {
      case 0:
        return `${inner()} ${gap()}${random.pick(['+', '-', '*', '/ ', '%'])}${gap()}${inner()}`;
      case 1:
        return `${inner()}${gap()}${random.pick(['==', '!=', '<', '>', '<=', '>=', '&&', '||'])}${gap()}${inner()}`;
      case 2:
        return `${random.pick(['-', '!'])}${gap()}${this.#simple()}`;
      case 3:
        return `${inner()}${gap()}?${gap()}${inner()}${gap()}:${gap()}${inner()}`;
      case 4:
        return `(${this.#free()}${this.#expression(depth - 1, true)}${this.#free()})`;
      case 5:
        return this.#list('[', ']', () => this.#expression(depth - 1, true));
      case 6:
        return `${random.pick(['fn', 'a::b', 'try'])}${this.#list('(', ')', () => this.#expression(depth - 1, true))}`;
      case 7:
        return this.#object(depth);
      case 8:
        return this.#for(depth);
      case 9:
        return `${this.#reference()}${random.pick(['', '[0]', ' [ 1 ]', '.x', ' . y', '[*].z', '.*.w'])}`;
      case 10:
        return this.#template(depth);
      default:
        return this.#simple();
    }
  }

  #simple(): string {
    const plain = [
      '1',
      '2.5',
      'true',
      'null',
      '"text"',
      '""',
      '"{"',
      '"a b  c"',
      '"日本"',
      '"é # x"',
      '"$${a}"',
    ];
    return this.#random.below(3) === 0 ? this.#reference() : this.#random.pick(plain);
  }

  #reference(): string {
    return this.#random.pick(['var.a', 'local . b', 'data.x.y [0]', 'path.root', 'a', 'b-c', 'a ["k"]']);
  }

  #list(open: string, close: string, item: () => string): string {
    const items = this.#some(0, 3, () => `${this.#free()}${item()}${this.#free()}`);
    if (items.length === 0) return `${open}${this.#free()}${close}`;
    const comma = this.#random.below(4) === 0 ? `,${this.#free()}` : '';
    return `${open}${items.join(',')}${comma}${close}`;
  }

  #object(depth: number): string {
    const ends = this.#random.below(2) === 0;
    const items = this.#some(0, 3, () => {
      const key = this.#random.pick(['a', 'b_c', '"k l"', '(var.k)', 'long_key_name']);
      const sign = this.#random.pick(['=', '=', ':']);
      const value = this.#expression(depth - 1, false);
      return `${this.#blanks()}${key}${this.#blanks()}${sign}${this.#blanks()}${value}${this.#blanks()}`;
    });
    if (ends) return `{${this.#rest()}${items.map((item) => item + this.#rest()).join('')}${this.#blanks()}}`;
    return `{${items.length === 0 ? this.#blanks() : items.join(',')}}`;
  }

  #for(depth: number): string {
    const gap = () => this.#free();
    const names = this.#random.pick(['x', 'k,v', 'i , x']);
    const collection = this.#random.pick(['y', ' [1,2]', 'var.z', '(q)', ' {a=1}']);
    const condition = this.#random.pick(['', ` if${gap()} x>1`, ' if (x)']);
    const value = this.#expression(depth - 1, true);
    if (this.#random.below(2) === 0) {
      return `[${gap()}for ${gap()}${names}${gap()} in ${gap()}${collection}${gap()}:${gap()}${value}${condition}${gap()}]`;
    }
    const group = this.#random.pick(['', '...', ' ...']);
    return `{for ${gap()}${names}${gap()} in ${collection}${gap()}:${gap()}x${gap()}=>${gap()}${value}${group}${condition}${gap()}}`;
  }

  #template(depth: number): string {
    return `"${this.#parts(depth, ['', 'a', ' b ', '-', '{', '\\"', '$ ', '5% ', '#', 'é'])}"`;
  }

  #parts(depth: number, texts: readonly string[]): string {
    const random = this.#random;
    const parts = this.#some(1, 3, () => {
      const [open, close] = [random.pick(['{', '{~']), random.pick(['}', '~}'])];
      const directive = (text: string) => `%${open}${this.#blanks()}${text}${this.#blanks()}${close}`;
      const value = `$${open}${this.#free()}${this.#expression(depth - 1, true)}${this.#free()}${close}`;
      const text = random.pick(texts);
      switch (random.below(5)) {
        case 0:
          return `${directive('if a')}${text}${value}${directive('else')}${directive('endif')}`;
        case 1:
          return `${directive('for x in y')}${value}${directive('endfor')}${text}`;
        default:
          return `${text}${value}${random.pick(texts)}`;
      }
    });
    return parts.join('');
  }

  #heredoc(): string {
    const lines = this.#some(0, 3, () =>
      this.#random.below(3) === 0
        ? this.#parts(1, ['', ' x = {', '"', '  '])
        : this.#random.pick(['', '  a [', '# b']),
    );
    const indented = this.#random.pick(['', '-']);
    const ending = indented === '' ? '' : '    ';
    return [`<<${indented}EOT`, ...lines, `${ending}EOT`].join(this.#lineEnd);
  }
}
