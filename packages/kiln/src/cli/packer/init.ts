import { DiagnosticsError } from '../../base/diagnostics.ts';
import type { RequiredPlugin } from '../../dialects/packer/hcl/packer-block.ts';
import type { PackerHclProject } from '../../dialects/packer/hcl/packer-project.ts';
import { exitCodes } from '../exit-codes.ts';
import { definePackerCommand, type PackerContext } from './command.ts';
import { configTypeOf, templateFlags } from './flags.ts';
import { defineFlags } from './go-flags.ts';
import { openHclTemplate } from './load-packer-template.ts';
import { jsonHasNoPlugins } from './plugins.ts';
import { problemText } from './problem-text.ts';
import { findTemplateFile } from './template-file.ts';

const flags = defineFlags({
  upgrade: { type: 'boolean', default: false, description: 'No effect: Kiln installs no plugins.' },
  force: { type: 'boolean', default: false, description: 'No effect: Kiln installs no plugins.' },
  ...templateFlags,
});

export const initCommand = definePackerCommand({
  operands: 'TEMPLATE',
  description:
    'Says of each plugin that a template asks for whether Kiln has what the template uses of it built in.\nNothing is downloaded. Ends with 0 when all is there, and with 1 otherwise.',
  flags,
  arguments: { min: 1, max: 1 },
  run: async ({ flags: given, args }, context) => {
    const template = findTemplateFile(args[0]!, configTypeOf(given), context.cwd);
    if (template.language === 'json') {
      context.ui.error(problemText(jsonHasNoPlugins(template.file), context.paint));
      return exitCodes.failed;
    }
    // Values are no matter of plugins: a variable without one is told of when the template is built.
    const { packerHclSyntaxProblems } = await import('../../dialects/packer/hcl/check-syntax.ts');
    const problems = packerHclSyntaxProblems({ file: template.path, cwd: context.cwd });
    if (problems.some((one) => one.severity === 'error')) throw new DiagnosticsError(problems);
    const project = await openHclTemplate(
      template.path,
      { variables: given.var, variableFiles: given['var-file'], warnUndeclared: false, fetchData: false },
      context,
    );
    return report(project, context);
  },
});

async function report(project: PackerHclProject, { ui, paint }: PackerContext): Promise<number> {
  const { isBuiltIn } = await import('../../dialects/packer/known-plugins.ts');
  const used = usedComponents(project);
  for (const plugin of project.requiredPlugins) {
    const own = used.filter((one) => belongsTo(one, plugin));
    const names = own.map(({ kind, type }) => `the ${kind} ${type}`).join(', ');
    if (own.length === 0) ui.say(`${plugin.source}: the template uses nothing of it`);
    else if (own.every(({ kind, type }) => isBuiltIn(kind, type))) {
      ui.say(`${plugin.source}: Kiln has ${names} built in`);
    }
  }
  const missing = used.filter(({ kind, type }) => !isBuiltIn(kind, type));
  for (const { kind, type } of missing) {
    const plugin = project.requiredPlugins.find((one) => belongsTo({ kind, type }, one));
    ui.error(
      problemText(
        {
          severity: 'error',
          message: `Kiln does not have the ${kind} ${type}${plugin ? ` of ${plugin.source}` : ''}, and cannot run plugins yet`,
          hint: 'Build the rest of the template with -only or -except, or this part with Packer.',
          ...(plugin && { at: plugin.at }),
        },
        paint,
      ),
    );
  }
  return missing.length > 0 ? exitCodes.failed : exitCodes.ok;
}

interface UsedComponent {
  readonly kind: 'builder' | 'provisioner' | 'post-processor';
  readonly type: string;
}

/** Each kind once, in the template's order. */
function usedComponents({ builds, sources }: PackerHclProject): readonly UsedComponent[] {
  const all: UsedComponent[] = [
    ...sources.map(({ type }) => ({ kind: 'builder' as const, type })),
    ...builds.flatMap(({ provisioners, cleanup }) =>
      [...provisioners, ...(cleanup ? [cleanup] : [])].map(({ type }) => ({
        kind: 'provisioner' as const,
        type,
      })),
    ),
    ...builds.flatMap(({ postProcessors }) =>
      postProcessors.flat().map(({ type }) => ({ kind: 'post-processor' as const, type })),
    ),
  ];
  return all.filter(
    (one, index) => all.findIndex(({ kind, type }) => kind === one.kind && type === one.type) === index,
  );
}

/** Components are named after what the template calls the plugin: `qemu`, `amazon-ebs`. */
function belongsTo({ type }: UsedComponent, { name }: RequiredPlugin): boolean {
  return type === name || type.startsWith(`${name}-`);
}
