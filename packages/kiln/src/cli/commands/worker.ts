import { defineCommand, defineOptions } from '../command.ts';
import { buildingOptions, serviceHomeOptions } from './serve.ts';

export const workerOptions = defineOptions({
  ...serviceHomeOptions,
  ...buildingOptions,
  region: {
    type: 'list',
    value: 'NAME=FOLDER',
    description: 'A region with a store of its own, as the service has it.',
  },
  name: {
    type: 'text',
    value: 'NAME',
    description: 'What this worker is called. Default: the name of the host.',
  },
  cpus: {
    type: 'number',
    value: 'N',
    min: 1,
    description: 'Processors that runs may take together. Default: all of this host.',
  },
  memory: {
    type: 'text',
    value: 'SIZE',
    description: 'Memory that runs may take together, such as 16G. Default: half of this host.',
  },
  quiet: { type: 'flag', description: 'Log warnings and errors only.' },
});

export const workerCommand = defineCommand({
  name: 'worker',
  summary: 'Work on the runs of an image service, beside others',
  description:
    "Takes runs from the database that the services share, builds here, and publishes into the service's store, which --home names: a folder that all hosts of the farm have. Any number of workers may do so. A worker that dies is noticed within 30 seconds, and its runs go to others; one that is ended with Ctrl-C or SIGTERM gives them back at once.",
  options: workerOptions,
  arguments: [],
  examples: [
    {
      command: 'kiln worker --database postgres://kiln@db/kiln --home /srv/kiln',
      explanation: 'one of a farm; services run elsewhere with --no-worker',
    },
    {
      command: 'kiln worker --database postgres://kiln@db/kiln --home /srv/kiln --cpus 4 --memory 16G',
      explanation: 'with less than the whole host',
    },
  ],
  load: () => import('../actions/worker.ts'),
});
