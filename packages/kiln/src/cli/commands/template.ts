import { defineCommand, defineGroup, defineOptions } from '../command.ts';
import { serverOptions } from '../server-options.ts';
import { templateOptions } from '../template-options.ts';

/** Where a template is in the service. */
const placeOptions = defineOptions({
  group: {
    type: 'text',
    short: 'g',
    value: 'NAME',
    description: 'Its resource group. Default: KILN_GROUP, else "default".',
  },
  subscription: {
    type: 'text',
    value: 'NAME',
    description: 'Its subscription. Default: KILN_SUBSCRIPTION, else "default".',
  },
  ...serverOptions,
});

const json = { type: 'flag', description: 'Write JSON.' } as const;

/** For whoever waits for a run. */
const waitOptions = defineOptions({
  timeout: {
    type: 'text',
    value: 'TIME',
    description: 'Wait no longer than this, such as 90m. The run goes on. Default: without end.',
  },
  logs: { type: 'flag', on: true, description: 'Do not show the log of the run on standard error.' },
  junit: {
    type: 'text',
    value: 'FILE',
    complete: 'file',
    description: 'Write the run as JUnit XML too: a test case for each step and target.',
  },
  'cancel-run': {
    type: 'flag',
    description: 'Cancel the run when this command is interrupted, or has waited long enough.',
  },
  json: { type: 'flag', description: 'Write the whole run as JSON, instead of what it has made.' },
});

const reference = {
  name: 'NAME',
  description: 'The template: its name, or its whole ARM id.',
  required: true,
} as const;

const runReference = {
  name: 'NAME',
  description: 'The template, for its last run; or the id of a run.',
  required: true,
} as const;

const codes =
  'Ends with 0 when the run has succeeded, with 1 when it has failed, succeeded in part, was cancelled, or took too long, and with 130 when this command was interrupted.';

export const templateSubmitOptions = defineOptions({
  ...placeOptions,
  ...templateOptions,
  name: { type: 'text', value: 'NAME', description: 'What it is called there. Default: as in the file.' },
  replace: {
    type: 'flag',
    description: 'Delete a template of that name first; the history of its runs goes, too.',
  },
  json,
});

const submit = defineCommand({
  name: 'submit',
  summary: 'Hand Azure image templates of a file to the image service',
  description:
    'The file is a resource, the body of a request, or an ARM deployment with parameters. The service says what is wrong with it, all at once.',
  options: templateSubmitOptions,
  arguments: [
    { name: 'FILE', description: 'The file with the templates.', required: true, complete: 'file' },
  ],
  examples: [
    { command: 'kiln template submit web.json -g team', explanation: 'once' },
    { command: 'kiln template submit web.json -g team --replace', explanation: 'from a pipeline, each time' },
  ],
  load: () => import('../actions/template-submit.ts'),
});

export const templateRunOptions = defineOptions({
  ...placeOptions,
  wait: { type: 'flag', short: 'w', description: 'Wait for the end of the run, and show its log meanwhile.' },
  'request-id': {
    type: 'text',
    value: 'ID',
    description: 'The same id again starts no second run, as when a pipeline repeats a step.',
  },
  ...waitOptions,
});

const run = defineCommand({
  name: 'run',
  summary: 'Start a run of a template',
  description: `Prints the id of the run; with --wait, what it has made. ${codes}`,
  options: templateRunOptions,
  arguments: [reference],
  examples: [
    {
      command: 'kiln template run web -g team --wait --junit run.xml --cancel-run',
      explanation: 'in a pipeline',
    },
  ],
  load: () => import('../actions/template-run.ts'),
});

export const templateWaitOptions = defineOptions({ ...placeOptions, ...waitOptions });

const wait = defineCommand({
  name: 'wait',
  summary: 'Wait for the end of a run',
  description: codes,
  options: templateWaitOptions,
  arguments: [runReference],
  examples: [{ command: 'kiln template wait web -g team --timeout 2h', explanation: 'for its last run' }],
  load: () => import('../actions/template-wait.ts'),
});

export const templateLogsOptions = defineOptions({
  ...placeOptions,
  follow: { type: 'flag', short: 'f', description: 'Go on until the run has ended.' },
});

const logs = defineCommand({
  name: 'logs',
  summary: 'Show the log of a run',
  options: templateLogsOptions,
  arguments: [runReference],
  examples: [{ command: 'kiln template logs web -g team -f', explanation: 'as it is written' }],
  load: () => import('../actions/template-logs.ts'),
});

export const templateCancelOptions = defineOptions({
  ...placeOptions,
  wait: { type: 'flag', short: 'w', description: 'Wait until the run has ended.' },
});

const cancel = defineCommand({
  name: 'cancel',
  summary: 'Cancel a run; it ends within seconds',
  options: templateCancelOptions,
  arguments: [runReference],
  examples: [{ command: 'kiln template cancel web -g team --wait', explanation: 'and see it ended' }],
  load: () => import('../actions/template-cancel.ts'),
});

export const templateListOptions = defineOptions({ ...placeOptions, json });

const list = defineCommand({
  name: 'list',
  summary: 'List templates with their last runs',
  description: 'Those of the group that is named, or else of the whole subscription.',
  options: templateListOptions,
  arguments: [],
  examples: [{ command: 'kiln template list --subscription prod', explanation: 'all that you may see' }],
  load: () => import('../actions/template-list.ts'),
});

export const templateCommand = defineGroup({
  name: 'template',
  summary: 'Submit and run templates at an image service (kiln serve)',
  description:
    'The service is named by --server or KILN_SERVER, its authority by --cacert or KILN_CACERT, and the token is in KILN_TOKEN, or in the file that KILN_TOKEN_FILE names.',
  commands: [submit, run, wait, logs, cancel, list],
});
