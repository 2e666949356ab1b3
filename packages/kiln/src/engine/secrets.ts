import { type ErrorDetails, KilnError, messageOf } from '../base/errors.ts';
import type { KilnEvent } from '../base/events.ts';
import { redactor } from '../base/redact.ts';

/** What may not be shown while a plan runs. Grows when a build learns a password. */
export class Secrets {
  readonly #values: Set<string>;
  #hide: (text: string) => string;

  constructor(values: Iterable<string>) {
    this.#values = new Set(values);
    this.#hide = redactor(this.#values);
  }

  add(value: string): void {
    if (this.#values.has(value)) return;
    this.#values.add(value);
    this.#hide = redactor(this.#values);
  }

  hide(text: string): string {
    return this.#hide(text);
  }

  /** The event with every text in it made safe. Names of builds and kinds stay: they are how events are matched. */
  hideInEvent(event: KilnEvent): KilnEvent {
    switch (event.kind) {
      case 'output':
        return { ...event, line: this.hide(event.line) };
      case 'message':
        return { ...event, text: this.hide(event.text) };
      case 'stage-started':
      case 'stage-finished':
        return { ...event, stage: this.hide(event.stage) };
      case 'progress':
        return { ...event, label: this.hide(event.label) };
      case 'artifact':
        return {
          ...event,
          description: this.hide(event.description),
          files: event.files.map((file) => this.hide(file)),
        };
      case 'build-finished':
        return event.error === undefined ? event : { ...event, error: this.hide(event.error) };
      default:
        return event;
    }
  }

  /** A copy of an error that is safe to show, with causes reduced to their words. */
  hideInError(error: KilnError): KilnError {
    const details: ErrorDetails = {
      ...(error.hint === undefined ? {} : { hint: this.hide(error.hint) }),
      ...(error.at === undefined ? {} : { at: error.at }),
      ...(error.cause === undefined ? {} : { cause: this.hide(messageOf(error.cause)) }),
    };
    return new KilnError(error.code, this.hide(error.message), details);
  }
}

/**
 * The secrets among a build's run-time values. A password that equals the user's name protects nothing, and
 * hiding it would blot out every path that contains the name.
 */
export function secretValues(values: Readonly<Record<string, string>>): string[] {
  const found: string[] = [];
  const { User, Password, WinRMPassword, SSHPrivateKey } = values;
  for (const value of [Password, WinRMPassword, SSHPrivateKey]) {
    if (value && value !== User) found.push(value);
  }
  return found;
}
