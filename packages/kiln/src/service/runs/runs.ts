/** Sub-states as ARM names them; a run is in one while it is Running or Canceling. */
export type RunSubState =
  | 'Queued'
  | 'Building'
  | 'Customizing'
  | 'Optimizing'
  | 'Validating'
  | 'Distributing';
export type RunState = 'Running' | 'Canceling' | 'Succeeded' | 'PartiallySucceeded' | 'Failed' | 'Canceled';

export interface RunRecord {
  readonly id: string;
  /** ARM id of the template, in lower case. */
  readonly templateId: string;
  readonly state: RunState;
  readonly subState?: RunSubState;
  readonly message: string;
  readonly startedAt: Date;
  readonly endedAt?: Date;
}

export interface StartRun {
  readonly templateId: string;
  /** The template as it is now (body of PUT with defaults): the run keeps its own copy. */
  readonly template: unknown;
  readonly location: string;
  readonly cause: 'manual' | 'autoRun' | 'trigger' | 'rebuild';
  /** Principal who asked. */
  readonly callerId: string;
  /** The same one again gives the same run. */
  readonly clientRequestId: string;
}

/** What other parts of the service ask of runs. */
export interface Runs {
  /** @throws ServiceError 409 OperationNotAllowed while another run of the template has not ended */
  start(request: StartRun): Promise<RunRecord>;
  /** Returns at once; the run ends by itself in `Canceled`. Undefined when nothing runs. */
  cancel(templateId: string): Promise<RunRecord | undefined>;
  last(templateId: string): Promise<RunRecord | undefined>;
  get(runId: string): Promise<RunRecord | undefined>;
  /** Everything of a template's runs, as the template is deleted; refuses while one has not ended. */
  forget(templateId: string): Promise<void>;
}
