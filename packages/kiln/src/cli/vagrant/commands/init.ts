import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isSystemError } from '../../../base/errors.ts';
import { defineVagrantCommand } from '../vagrant-command.ts';
import { VagrantError } from '../vagrant-error.ts';

export const initCommand = defineVagrantCommand({
  operands: '[options] [name [url]]',
  flags: {
    'box-version': { type: 'text', value: 'VERSION', description: 'Version of the box.' },
    force: { type: 'switch', short: 'f', description: 'Replace a Vagrantfile that is there.' },
    minimal: { type: 'switch', short: 'm', description: 'Without comments.' },
    output: { type: 'text', value: 'FILE', description: 'Where to write it; - for standard output.' },
    template: { type: 'text', value: 'FILE', description: 'A template of your own (ERB).' },
  },
  run: async ({ flags, args }, { context, ui }) => {
    const { cwd, env } = context;
    const target = flags.output === '-' ? undefined : resolve(cwd, flags.output ?? 'Vagrantfile');
    if (target !== undefined && existsSync(target) && !flags.force) {
      throw new VagrantError(
        'VagrantfileExistsError',
        `${target} is there already`,
        'replace it with --force',
      );
    }
    const values = { box_name: args[0] ?? 'base', box_url: args[1], box_version: flags['box-version'] };
    const template = flags.template ?? (env['VAGRANT_DEFAULT_TEMPLATE'] || undefined);
    const text =
      template === undefined
        ? vagrantfile(values, flags.minimal ?? false)
        : fillTemplate(readTemplate(resolve(cwd, template)), values);
    if (target === undefined) {
      ui.info(text);
      return 0;
    }
    try {
      if (flags.force) rmSync(target, { force: true });
      writeFileSync(target, text);
    } catch (error) {
      if (!isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'ENOENT')) throw error;
      throw new VagrantError('VagrantfileWriteError', `${target} cannot be written: ${error.message}`);
    }
    ui.info('A Vagrantfile is written: look through it, then bring the machine up with `vagrant up`.');
    return 0;
  },
});

interface InitValues {
  readonly box_name: string;
  readonly box_url: string | undefined;
  readonly box_version: string | undefined;
}

function vagrantfile(
  { box_name: name, box_url: url, box_version: version }: InitValues,
  isMinimal: boolean,
): string {
  const settings = [
    `  config.vm.box = ${JSON.stringify(name)}`,
    ...(version === undefined ? [] : [`  config.vm.box_version = ${JSON.stringify(version)}`]),
    ...(url === undefined ? [] : [`  config.vm.box_url = ${JSON.stringify(url)}`]),
  ];
  const more = isMinimal ? [] : hints;
  return ['Vagrant.configure("2") do |config|', ...settings, ...more, 'end', ''].join('\n');
}

const hints = [
  '',
  '  # A port of this computer that leads to one of the machine:',
  '  # config.vm.network "forwarded_port", guest: 80, host: 8080, host_ip: "127.0.0.1"',
  '',
  '  # A network with the other machines and this computer:',
  '  # config.vm.network "private_network", ip: "192.168.56.10"',
  '',
  '  # Another folder beside this one, which is at /vagrant:',
  '  # config.vm.synced_folder "../data", "/srv/data"',
  '',
  '  # config.vm.provider "libvirt" do |machine|',
  '  #   machine.memory = 2048',
  '  #   machine.cpus = 2',
  '  # end',
  '',
  '  # What is done to the machine when it is new:',
  '  # config.vm.provision "shell", inline: <<~SHELL',
  '  #   apt-get update',
  '  #   apt-get install -y nginx',
  '  # SHELL',
];

function readTemplate(path: string): string {
  const found = [path, `${path}.erb`].find((one) => existsSync(one));
  if (found === undefined) {
    throw new VagrantError('VagrantfileTemplateNotFoundError', `there is no template ${path}`);
  }
  return readFileSync(found, 'utf8');
}

/**
 * The part of ERB that templates of Vagrantfiles are made of: values, and lines that depend on whether there is one.
 * @throws VagrantError for anything else
 */
function fillTemplate(text: string, values: InitValues): string {
  const value = (name: string) => {
    if (!Object.hasOwn(values, name)) throw unknownPart(name);
    return values[name as keyof InitValues];
  };
  const shown: boolean[] = [];
  let result = '';
  const pattern = /([\s\S]*?)(?:(^[ \t]*)?<%(-)?(=)?\s*([\s\S]*?)\s*(-)?%>(\n)?|$(?![\s\S]))/gm;
  for (const [, before = '', indent = '', , equals, code, trims, end = ''] of text.matchAll(pattern)) {
    const isShown = shown.every(Boolean);
    if (isShown) result += before;
    if (code === undefined) break;
    const line = trims === undefined ? end : '';
    if (equals !== undefined) {
      if (isShown) result += `${indent}${value(code) ?? ''}${line}`;
      continue;
    }
    const [, negation, name] = /^(?:if|unless)\s+(!?)\s*(\w+)$/.exec(code) ?? [];
    if (name !== undefined) {
      const isSet = value(name) !== undefined;
      shown.push(isSet !== (negation === '!' || code.startsWith('unless')));
    } else if (code === 'else') shown.push(!shown.pop());
    else if (code === 'end') shown.pop();
    else if (!code.startsWith('#')) throw unknownPart(code);
    if (isShown && trims === undefined) result += end;
  }
  return result;
}

function unknownPart(code: string): VagrantError {
  return new VagrantError(
    'VagrantfileTemplateNotFoundError',
    `the template has "${code}", which Kiln does not understand there`,
    'it knows <%= box_name %>, <%= box_url %>, <%= box_version %>, and <% if box_version -%> … <% end -%>',
  );
}
