import { StringDecoder } from 'node:string_decoder';
import type { OutputPart } from './messages.ts';
import { Contained } from './wasi/wasi-host.ts';

/** More than anybody reads. */
const mostOutput = 1024 * 1024;

/** Collects what an evaluation prints. */
export class OutputLog {
  readonly #parts: { stream: OutputPart['stream']; text: string }[] = [];
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  #size = 0;

  /** @throws Contained when it is too much */
  readonly print = (stream: OutputPart['stream'], bytes: Buffer): void => {
    this.#size += bytes.length;
    if (this.#size > mostOutput)
      throw new Contained(`the file prints more than ${mostOutput / 1024 / 1024} MiB`);
    const text = this.#decoders[stream].write(bytes);
    const last = this.#parts.at(-1);
    if (last?.stream === stream) last.text += text;
    else if (text !== '') this.#parts.push({ stream, text });
  };

  get parts(): readonly OutputPart[] {
    return this.#parts;
  }
}
