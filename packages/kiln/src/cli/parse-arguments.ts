import { KilnError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import { type Command, type CommandInput, globalOptions, type Option, type Options } from './command.ts';

export interface ParsedArguments {
  readonly input: CommandInput;
  readonly help: boolean;
  readonly color: boolean;
}

/**
 * Reads a command's arguments: `--name value`, `--name=value`, `--no-name`, `-n value`, `-nvalue`, grouped short
 * flags, `-name` with one dash as Go's programs have it, and `--`.
 * @throws KilnError `bad-usage`
 */
export function parseArguments(command: Command, path: string, words: readonly string[]): ParsedArguments {
  return new ArgumentParser(command, path, words).parse();
}

class ArgumentParser {
  readonly #command: Command;
  readonly #path: string;
  readonly #words: readonly string[];
  readonly #options: Options;
  readonly #values: Record<string, boolean | string | number | string[] | undefined> = {};
  readonly #args: string[] = [];
  #at = 0;

  constructor(command: Command, path: string, words: readonly string[]) {
    this.#command = command;
    this.#path = path;
    this.#words = words;
    this.#options = { ...command.options, ...globalOptions };
    for (const [name, option] of Object.entries(this.#options)) {
      this.#values[name] =
        option.type === 'flag' ? option.on === true : option.type === 'list' ? [] : undefined;
    }
  }

  parse(): ParsedArguments {
    let passthrough: readonly string[] = [];
    if (this.#command.optionsEndAfter === 0) this.#takeRest();
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at++]!;
      if (word === '--') {
        const rest = this.#words.slice(this.#at);
        if (this.#command.passthrough) passthrough = rest;
        else this.#args.push(...rest);
        break;
      }
      if (word.startsWith('--')) this.#long(word.slice(2), '--');
      else if (word.startsWith('-') && word !== '-') this.#dashed(word.slice(1));
      else {
        this.#args.push(word);
        if (this.#command.passthrough && this.#args.length > this.#command.arguments.length) {
          throw this.#lineOfSomebodyElse(word);
        }
        if (this.#args.length === this.#command.optionsEndAfter) this.#takeRest();
      }
    }
    const { help, color, ...options } = this.#values;
    if (!help) this.#checkArguments();
    return {
      input: { options: options as CommandInput['options'], args: this.#args, passthrough },
      help: help === true,
      color: color === true,
    };
  }

  #takeRest(): void {
    const rest = this.#words.slice(this.#at);
    this.#args.push(...(rest[0] === '--' ? rest.slice(1) : rest));
    this.#at = this.#words.length;
  }

  #dashed(letters: string): void {
    const name = letters.split('=')[0]!;
    if (name.length > 1 && this.#options[name]) {
      this.#long(letters, '-');
      return;
    }
    for (let index = 0; index < letters.length; index++) {
      const letter = letters[index]!;
      const found = Object.entries(this.#options).find(([, option]) => option.short === letter);
      if (!found) throw this.#unknown(name.length > 1 ? name : letter, '-');
      const [optionName, option] = found;
      if (option.type === 'flag') {
        this.#values[optionName] = true;
        continue;
      }
      const rest = letters.slice(index + 1).replace(/^=/, '');
      const shown = `-${letter}`;
      this.#take(optionName, option, rest === '' ? this.#next(shown, option) : rest, shown);
      return;
    }
  }

  #long(text: string, dashes: '-' | '--'): void {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    const value = equals < 0 ? undefined : text.slice(equals + 1);
    const shown = `${dashes}${name}`;
    const positive = name.startsWith('no-') ? name.slice(3) : undefined;
    if (positive !== undefined && !this.#options[name] && this.#options[positive]?.type === 'flag') {
      if (value !== undefined) throw this.#wrong(`${shown} takes no value`);
      this.#values[positive] = false;
      return;
    }
    const option = Object.hasOwn(this.#options, name) ? this.#options[name] : undefined;
    if (!option) throw this.#unknown(name, dashes);
    if (option.type === 'flag') {
      if (value !== undefined && value !== 'true' && value !== 'false') {
        throw this.#wrong(`${shown} is on or off and takes no value "${value}"`);
      }
      this.#values[name] = value !== 'false';
      return;
    }
    this.#take(name, option, value ?? this.#next(shown, option), shown);
  }

  #next(shown: string, option: Option): string {
    const value = this.#words[this.#at];
    if (value === undefined || value === '--') {
      const what = option.type === 'choice' ? `one of ${option.choices.join(', ')}` : valueName(option);
      throw this.#wrong(`${shown} needs a value: ${what}`);
    }
    this.#at++;
    return value;
  }

  #take(name: string, option: Option, value: string, shown = `--${name}`): void {
    if (option.type === 'list') {
      const values = option.commas ? value.split(',').filter((one) => one !== '') : [value];
      (this.#values[name] as string[]).push(...values);
      return;
    }
    if (option.type === 'choice' && !option.choices.includes(value)) {
      throw this.#wrong(
        `${shown} cannot be "${value}"; it is one of ${option.choices.join(', ')}`,
        didYouMean(value, option.choices),
      );
    }
    if (option.type === 'number') {
      const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= option.min)) {
        throw this.#wrong(`${shown} needs a whole number from ${option.min} on, not "${value}"`);
      }
      this.#values[name] = number;
      return;
    }
    this.#values[name] = value;
  }

  #checkArguments(): void {
    const wanted = this.#command.arguments;
    const missing = wanted.find((one, index) => one.required && this.#args.length <= index);
    if (missing) throw this.#wrong(`${missing.name} is missing`, `${missing.name}: ${missing.description}`);
    const tooMany =
      wanted.at(-1)?.repeats || this.#command.optionsEndAfter !== undefined
        ? undefined
        : this.#args[wanted.length];
    if (tooMany !== undefined) throw this.#wrong(`"${tooMany}" is one argument too many`);
  }

  /** What follows is meant for another program, and people forget what separates it. */
  #lineOfSomebodyElse(word: string): KilnError {
    const own = this.#args.slice(0, -1);
    const rest = [word, ...this.#words.slice(this.#at)];
    const line = rest.map(shellQuote).join(' ');
    const separated = this.#options['command'] ? `-c ${shellQuote(line)}` : `-- ${line}`;
    return this.#wrong(
      `"${word}" is one argument too many`,
      `did you mean \`${[this.#path, ...own, separated].join(' ')}\`?`,
    );
  }

  #unknown(name: string, dashes: string): KilnError {
    const names = Object.entries(this.#options).map(([own, option]) =>
      option.type === 'flag' && option.on ? `no-${own}` : own,
    );
    const guess = didYouMean(name, names)?.replace('"', '"--');
    return this.#wrong(`there is no option ${dashes}${name}`, guess);
  }

  #wrong(message: string, hint?: string): KilnError {
    const usage = `see \`${this.#path} --help\``;
    return new KilnError('bad-usage', `${this.#path}: ${message}`, {
      hint: hint ? `${hint} (${usage})` : usage,
    });
  }
}

function valueName(option: Option): string {
  return 'value' in option ? option.value : '';
}
