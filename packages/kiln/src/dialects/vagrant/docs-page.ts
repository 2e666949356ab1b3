import { provisionerCompilers } from './plan/provisioners/provisioner-compilers.ts';
import { knownPlugins } from './settings/plugin-settings.ts';
import { providerSettings } from './settings/provider-settings.ts';
import { provisionerSettings } from './settings/provisioner-settings.ts';
import type { Setting, Settings } from './settings/setting.ts';
import { sectionSettings, vagrantVersion } from './settings/tables.ts';
import { cloudInitSettings, diskSettings, triggerSettings } from './settings/vm-settings.ts';

/** docs/vagrantfiles.md, made from the tables of settings. */
export function vagrantfilesDocsPage(): string {
  return `${introduction}
${machines}
## Settings

Names are Vagrant's. A setting whose last column is empty is honoured; "no difference" is taken without a word, "warning" is
taken and told.

${Object.entries(sectionSettings)
  .map(([name, settings]) => `### config.${name}\n\n${settingsTable(settings)}`)
  .join('\n')}
\`config.ssh.default\` takes what of \`config.ssh\` has to do with connecting.

### config.vm.disk, config.vm.cloud_init, config.trigger

${settingsTable(diskSettings)}
${settingsTable(cloudInitSettings)}
${settingsTable(triggerSettings)}
## Provisioners

${Object.entries(provisionerSettings)
  .map(([name, settings]) => `- \`${name}\`${isRun(name) ? '' : ' (is not run)'}: ${names(settings)}`)
  .join('\n')}

What they do in machines is in docs/provisioners.md. All take \`run\` (\`once\`, \`always\`, \`never\`), \`before\`, \`after\`, \`preserve_order\`, \`communicator_required\`.

## Providers

Kiln makes machines with QEMU and containers with Docker. Blocks for \`qemu\` and \`libvirt\` are meant for its own provider.
Where a file has neither, the first of \`virtualbox\`, \`vmware_desktop\` (\`fusion\`, \`workstation\`), \`parallels\`, \`hyperv\` and
\`utm\` is taken for what it means: memory, processors, disks, names, linked clones, firmware, nested virtualisation, network
cards. So are \`customize\` lines for VirtualBox; one that only VirtualBox understands is a warning. \`override\` blocks count
for their own provider only, as with Vagrant.

${Object.entries(providerSettings)
  .map(([name, settings]) => `### ${name}\n\n${names(settings)}\n${differences(settings)}`)
  .join('\n')}
## Plugins

None is installed, and none needs to be. \`Vagrant.has_plugin?\` says yes to those whose work Kiln does.

| plugin | \`has_plugin?\` | its settings |
|---|---|---|
${knownPlugins.map(({ name, builtIn, outcome }) => `| ${name} | ${builtIn ? 'yes' : 'no'} | ${outcome} |`).join('\n')}

Settings of other plugins are named in a warning and have no effect. \`config.vagrant.plugins\` and
\`vagrant plugin install\` in a file install nothing; a file that installs plugins and then starts Vagrant again is evaluated
again as if they were there.
`;
}

const introduction = `# Vagrantfiles

<!-- Made from packages/kiln/src/dialects/vagrant by \`node scripts/generate.ts\`. -->

Kiln runs Vagrantfiles as they are. They are evaluated by Ruby (CRuby 3.4 in WebAssembly, which comes with Kiln), behave as
with Vagrant ${vagrantVersion}, and what they say is merged in Vagrant's order: the box's Vagrantfile, the user's own in
\`VAGRANT_HOME\`, the project's, the machine's \`define\` blocks, the provider's \`override\` blocks. Version 1 configuration works
too. \`VAGRANT_CWD\`, \`VAGRANT_VAGRANTFILE\`, \`VAGRANT_DOTFILE_PATH\`, \`VAGRANT_HOME\`, \`VAGRANT_DEFAULT_PROVIDER\`,
\`VAGRANT_PREFERRED_PROVIDERS\` and \`VAGRANT_NO_PLUGINS\` mean what they mean there.

What was read is remembered in Kiln's home, with everything that it depends on: files, folders, variables, arguments, facts
about the host. As long as those stay the same, Ruby is not started. Files that read the time, random numbers, or what a
program says are evaluated each time.

## What a Vagrantfile may do

An evaluation runs in a process of its own, for at most 20 seconds and with at most half a gibibyte of memory.

| | allowed | after \`kiln trust\` |
|---|---|---|
| read files | in the project (the work tree of Git around the Vagrantfile, if there is one), boxes and settings in \`VAGRANT_HOME\`, public keys in \`~/.ssh\`, facts about the host such as \`/proc/cpuinfo\` and \`/etc/os-release\` | all that you can read |
| ask whether a file exists | anywhere | anywhere |
| write files | in memory: the file sees what it wrote, the disk does not change | all that you can write |
| run programs (\`system\`, backticks, \`spawn\`, \`IO.popen\`, \`Open3\`) | no: it goes on as if the program could not be started, with a warning. Questions about the host (\`uname\`, \`nproc\`, \`hostname\`, \`whoami\`, \`id -u\`, memory) are answered without running anything | yes, in the folder where the command was given |
| \`exec\`, \`fork\`, signals | no: an error | no |
| network | no: an error | no; programs can |
| environment, command line | all of it | all of it |

Trust is given to a project's Vagrantfile as it is; when the file changes it has to be given again.

Ruby's own library is there, \`pathname\`, \`fileutils\`, \`digest\`, \`yaml\`, \`json\`, \`erb\`, \`etc\`, \`rbconfig\`, \`shellwords\` and \`set\`
without asking for them. Gems are not. \`RUBY_PLATFORM\`, \`RbConfig\`, \`Etc\` and \`Socket\` tell of the host. A thread runs at once
and to its end. Of Vagrant's inside there are \`Vagrant::Util\` (\`Platform\`, \`Which\`, \`Subprocess\`, \`DeepMerge\` and others),
\`Vagrant::UI\`, \`Vagrant::Errors\` and the classes that plugins are made of; a plugin that a file defines itself is evaluated,
and its provisioners are not run.
`;

const machines = `## What becomes of it

| in the file | with Kiln |
|---|---|
| \`config.vm.box\` | a box, by its name in a catalogue, the URL or path of a file; what \`vagrant box add\` got before is used. Boxes for libvirt and qemu are taken as they are, the disks of those for VirtualBox and VMware are converted. \`kiln:NAME\` or \`kiln:NAME:TAG\` is an image of Kiln's own store, \`kiln:debian/12\` a distribution |
| memory, processors, disks | what the blocks of providers say; 1 GiB and 2 processors when nobody says anything, 512 MiB and 1 where there is a block for libvirt that does not say |
| \`forwarded_port\` | open on all addresses of the host unless \`host_ip\` says otherwise, with libvirt on 127.0.0.1. The one with the id \`ssh\` is the wish for the port that Kiln logs in by; ports that are in use move within \`usable_port_range\` |
| \`private_network\` | a card in a network that the project's machines share, by the name that any provider's option gives (\`virtualbox__intnet\`, \`libvirt__network_name\`, \`name\`), else by the address |
| \`public_network\` | a card at the first of the \`bridge\` devices that the host lets Kiln use |
| \`synced_folder\` | \`rsync\`, \`9p\`, \`virtiofs\`, \`sshfs\` as they say; no type, \`virtualbox\`, \`nfs\`, \`smb\` and the others: the best that the machine can do. \`uid\`, \`gid\` and \`ro\` of \`mount_options\` are understood; \`dmode\` and \`fmode\` are a warning |
| login | with the keys that boxes know, or what \`config.ssh\` says; then the machine gets a key of its own, unless \`insert_key\` is false |
| \`config.vm.communicator\` | SSH. A machine with \`winrm\` is planned like others, and refused when it is to come up |
| \`config.vm.provider "docker"\` | a container |
| triggers | programs of the host are run without a shell, in the project's folder; blocks of Ruby by evaluating the file again |

A machine whose configuration has mistakes does not keep the others from anything.
`;

function isRun(provisioner: string): boolean {
  return Object.hasOwn(provisionerCompilers, provisioner);
}

function settingsTable(settings: Settings): string {
  const rows = Object.entries(settings).map(([name, setting]) => {
    const fallback =
      setting.fallback === null || setting.fallback === '' ? '' : `\`${JSON.stringify(setting.fallback)}\``;
    return `| \`${name}\` | ${types[setting.type]} | ${fallback} | ${treatmentOf(setting)} |`;
  });
  return ['| setting | type | default | |', '|---|---|---|---|', ...rows, ''].join('\n');
}

const types: Readonly<Record<Setting['type'], string>> = {
  text: 'text',
  number: 'number',
  switch: 'true or false',
  list: 'list',
  map: 'hash',
  value: 'several',
};

function treatmentOf({ treatment }: Setting): string {
  if (treatment === undefined) return '';
  return `${treatmentWords[treatment.kind]}: ${treatment.why}`;
}

const treatmentWords: Readonly<Record<NonNullable<Setting['treatment']>['kind'], string>> = {
  needless: 'no difference',
  differs: 'warning',
  refused: 'refused',
};

function names(settings: Settings): string {
  const honoured = Object.entries(settings).filter(([, { treatment }]) => treatment === undefined);
  return honoured.map(([name]) => `\`${name}\``).join(', ');
}

/** What is taken with a warning, by the warning. */
function differences(settings: Settings): string {
  const byReason = new Map<string, string[]>();
  for (const [name, setting] of Object.entries(settings)) {
    const reason = treatmentOf(setting);
    if (reason !== '') byReason.set(reason, [...(byReason.get(reason) ?? []), `\`${name}\``]);
  }
  const lines = [...byReason].map(([reason, known]) => `- ${known.join(', ')}: ${reason}`);
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}
