import { parseArgs } from 'node:util';
import { benchBuild, benchStates } from './build.ts';
import { benchDetect } from './detect.ts';
import { benchDisks } from './disks.ts';
import { benchExt4 } from './ext4.ts';
import { benchHcl } from './hcl.ts';
import { missingPeers } from './peers.ts';
import { benchRootfs } from './rootfs.ts';
import { benchService } from './service.ts';
import { benchStart } from './start.ts';
import { benchUp } from './up.ts';

const help = `npm run bench -- [start] [build] [states] [detect] [hcl] [disks] [ext4] [rootfs] [up] [service] [--runs N] [--builds N] [--tree DIR] [--seconds N]

Measures Kiln beside the real peers on the same work, alternating, and prints medians and ratios.

  start     whole-process start: kiln --version, kiln status, packer version, vagrant status
  build     a template's build on a base never seen: kiln build, packer build; compares the results' file trees
  states    the same template again: unchanged, its last step changed, its first; what keeping states costs
  detect    how soon the SSH server of a booting machine is found; what it says is compared with its own journal
  hcl       scanning, parsing and evaluating a file of 1 MB
  disks     conversions of a disk image of 4 GiB with 600 MiB of data, beside qemu-img
  ext4      a tree of files as a filesystem, beside mke2fs -d; what two versions of it share
  rootfs    an image from a profile without a machine: from the mirror, a package more, another file, unchanged
  up        work environments: up of a known box, exec, ssh, status, halt, three machines; beside vagrant with libvirt
  service   200 lists and gets a second of a service with 10,000 templates, 100,000 versions and 1,000,000 runs; only
            when it is named

  --runs N    counted runs of each start (default 15)
  --builds N  counted builds of each tool, and boots (default 3)
  --tree DIR  the tree for ext4 (default: Debian's smallest, made by mmdebstrap)
  --seconds N how long the service is asked (default 60)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '15' },
    builds: { type: 'string', default: '3' },
    tree: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(help);
} else {
  for (const line of missingPeers()) console.log(line);
  const wanted = new Set(
    positionals.length === 0
      ? ['start', 'build', 'states', 'detect', 'hcl', 'disks', 'ext4', 'rootfs', 'up']
      : positionals,
  );
  if (wanted.has('start')) await benchStart(Number(values.runs));
  if (wanted.has('hcl')) await benchHcl(Number(values.runs));
  if (wanted.has('disks')) await benchDisks(Number(values.builds));
  if (wanted.has('ext4')) await benchExt4(Number(values.runs), values.tree);
  if (wanted.has('build')) await benchBuild(Number(values.builds));
  if (wanted.has('detect')) await benchDetect(Number(values.builds));
  if (wanted.has('rootfs')) await benchRootfs(Number(values.builds));
  if (wanted.has('up')) await benchUp(Number(values.builds), Number(values.runs));
  if (wanted.has('service')) {
    await benchService(Number(values.seconds), { templates: 10_000, versions: 100_000, runs: 1_000_000 });
  }
  if (wanted.has('states')) await benchStates(Number(values.builds));
}
