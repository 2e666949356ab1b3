import { boxFormatsOf, chooseProvider, overridesOf } from '../choose-provider.ts';
import { InputRecorder } from '../files/input-recorder.ts';
import { ProjectFiles } from '../files/project-files.ts';
import { CommandDesk } from './command-desk.ts';
import { hostFacts, hostFactsDigest, pretendedRuby } from './host-facts.ts';
import type { EvaluationOutcome, EvaluationRequest } from './messages.ts';
import { OutputLog } from './output-log.ts';
import type { ParentLine } from './parent-line.ts';
import type { RawResult } from './raw-result.ts';
import { RubyMachine, type RubyModule } from './ruby-machine.ts';
import { sourceReadsWords } from './source-words.ts';
import { Contained } from './wasi/wasi-host.ts';
import { wasm } from './web-assembly.ts';

/** Evaluates a project's Vagrantfiles in this process. Whatever they do, the outcome says so. */
export function evaluate(
  module: RubyModule,
  request: EvaluationRequest,
  parent: ParentLine,
): EvaluationOutcome {
  const inputs = new InputRecorder();
  const files = new ProjectFiles(request.reach, inputs, (path) => parent.ask({ kind: 'type', path }).type);
  const output = new OutputLog();
  const desk = new CommandDesk({ files, inputs, parent, trusted: request.reach.everything });
  let result: RawResult | undefined;
  let restart: EvaluationOutcome['restart'];

  const answers: Record<string, (asked: never) => unknown> = {
    begin: () => ({
      home_file: request.homeFile,
      root_file: request.rootFile,
      environment: request.environment,
      words: request.words,
      folder: request.folder,
      trusted: request.reach.everything,
      pretend: pretendedRuby(),
      boxes: request.boxes,
      accepted: request.acceptedPlugins,
      dotfiles: request.dotfiles,
      trigger: request.trigger,
    }),
    host: () => {
      inputs.sawFile('host', 'host', hostFactsDigest());
      return hostFacts();
    },
    provider: ({ machine, mentioned }: { machine: string; mentioned: string[] }) => {
      const provider = chooseProvider(machine, mentioned, request.providers);
      return { provider, overrides: overridesOf(provider), formats: boxFormatsOf(provider) };
    },
    command: (asked) => desk.run(asked),
    exec: (asked) => desk.exec(asked),
    restart: () => {
      restart = { plugins: desk.installedPlugins };
      return {};
    },
    result: (given: RawResult) => {
      result = given;
      inputs.sawVariables(given.variables);
      return {};
    },
  };

  const answer = (text: string): string => {
    const { request: name, ...asked } = JSON.parse(text) as { request: string };
    const answered = Object.hasOwn(answers, name) ? answers[name] : undefined;
    if (answered === undefined) throw new Contained('the file talks to Kiln in a way of its own');
    return JSON.stringify(answered(asked as never));
  };

  let contained: string | undefined;
  try {
    const machine = new RubyMachine(module, { files, inputs, answer, print: output.print });
    machine.eval(
      'begin; Kiln::Session.run; rescue Exception => e; $stderr.write(e.full_message(highlight: false)); end',
    );
    if (result === undefined && restart === undefined) contained = 'Ruby ended without a result';
  } catch (error) {
    contained = containmentOf(error);
  }
  if (sourceReadsWords(files.sources)) inputs.sawWords();
  if (contained === undefined && request.reach.everything) desk.writeChanges();
  return {
    result: contained === undefined ? result : undefined,
    restart,
    contained,
    output: output.parts,
    inputs: inputs.inputs,
    refusals: [...files.refusals.values()],
    refusedCommands: desk.refused,
    unwritten: request.reach.everything ? [] : files.writtenPaths,
  };
}

function containmentOf(error: unknown): string {
  if (error instanceof Contained) return error.message;
  if (error instanceof RangeError) return 'the file calls itself too deeply';
  if (error instanceof wasm.RuntimeError)
    return `Ruby broke down, as it does when a file calls itself without end (${error.message})`;
  throw error;
}
