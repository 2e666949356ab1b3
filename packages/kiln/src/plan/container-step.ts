import type { StepBase } from './step-base.ts';

/** Docker or Podman in the machine: images that are got or built, and containers that run. */
export interface ContainerStep extends StepBase {
  readonly kind: 'docker' | 'podman';
  /** Install it from the system's packages where it is missing; false: that is a mistake. */
  readonly install: boolean;
  readonly images: readonly string[];
  readonly builds: readonly ContainerBuild[];
  readonly containers: readonly ContainerRun[];
}

export interface ContainerBuild {
  /** Folder in the machine. */
  readonly path: string;
  /** Words for `build`, as they stand in a shell. */
  readonly arguments: string;
}

/** A container that is made anew when something here has changed, and started when it does not run. */
export interface ContainerRun {
  readonly name: string;
  readonly image: string;
  /** Words, as they stand in a shell. */
  readonly command: string;
  readonly arguments: string;
  /** Run in the background. */
  readonly daemonize: boolean;
  /** A policy such as `always`; undefined for none. */
  readonly restart?: string;
  /** Give the container its name. */
  readonly assignName: boolean;
}
