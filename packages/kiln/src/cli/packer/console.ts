import { fstatSync } from 'node:fs';
import { openEvaluator } from '../console/open-evaluator.ts';
import { runConsole } from '../console/run-console.ts';
import { exitCodes } from '../exit-codes.ts';
import { readTemplateText } from '../packer-template.ts';
import { definePackerCommand } from './command.ts';
import { configTypeOf, sequentialFlag, templateFlags } from './flags.ts';
import { defineFlags } from './go-flags.ts';
import { problemText } from './problem-text.ts';
import { type ConfigType, findTemplateFile } from './template-file.ts';

const flags = defineFlags({ ...templateFlags, ...sequentialFlag });

export const consoleCommand = definePackerCommand({
  operands: '[TEMPLATE]',
  description:
    'Lets you try out expressions with the variables of a template: HCL2 in an HCL2 template, texts with\n{{…}} in a JSON one. Of lines that come through a pipe only the last result is printed.',
  flags,
  arguments: { min: 0, max: 1 },
  run: async ({ flags: given, args }, { ui, log, paint, cwd, env }) => {
    const { evaluator, diagnostics } = await openEvaluator({
      template: chooseTemplate(args[0], configTypeOf(given), cwd),
      variables: given.var,
      variableFiles: given['var-file'],
      readText: (file) => readTemplateText(file, cwd),
      cwd,
      env,
    });
    // Mistakes are no result for a pipe.
    const complain = process.stdin.isTTY ? ui.error : log.line;
    for (const problem of diagnostics) complain(problemText(problem, paint));
    // Of what comes through a pipe Packer prints the last result, and otherwise every one.
    const isPipe = fstatSync(0).isFIFO();
    const handlers = { say: ({ text }: { readonly text: string }) => ui.say(text), complain: ui.error };
    const isRight = await runConsole(evaluator, handlers, isPipe ? 'last' : 'each');
    return isRight ? exitCodes.ok : exitCodes.failed;
  },
});

/** Packer takes it for JSON when nothing tells what the language is. */
function chooseTemplate(path: string | undefined, configType: ConfigType, cwd: string) {
  if (path !== undefined) return findTemplateFile(path, configType, cwd);
  if (configType === 'hcl2') return { language: 'none' } as const;
  return { language: 'json', file: '<no template>', text: '{}' } as const;
}
