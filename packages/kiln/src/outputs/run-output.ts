import type { Artifact } from '../hosts/artifact.ts';
import type { Output } from '../plan/output.ts';
import type { Store } from '../store/store.ts';
import { runArtificeOutput } from './artifice.ts';
import { runBoxOutput } from './box.ts';
import { runChecksumOutput } from './checksum.ts';
import { runCompressOutput } from './compress.ts';
import { runDiskOutput } from './disk.ts';
import { runManifestOutput } from './manifest.ts';
import type { OutputContext, OutputResult, OutputRunner } from './output-context.ts';
import { type LocalScriptRunner, shellLocalOutputRunner } from './shell-local.ts';
import { storeOutputRunner } from './store.ts';

export interface OutputServices {
  /** Where images go. */
  readonly store: Pick<Store, 'addLayer' | 'attach' | 'home' | 'putImage'>;
  readonly runShellLocal: LocalScriptRunner;
}

/** Runs any kind of output. */
export function createOutputRunner(services: OutputServices): OutputRunner<Output> {
  const runStoreOutput = storeOutputRunner(services.store);
  const runShellLocalOutput = shellLocalOutputRunner(services.runShellLocal);
  return (output: Output, input: Artifact, context: OutputContext): Promise<OutputResult> => {
    switch (output.kind) {
      case 'disk':
        return runDiskOutput(output, input, context);
      case 'store':
        return runStoreOutput(output, input, context);
      case 'manifest':
        return runManifestOutput(output, input, context);
      case 'checksum':
        return runChecksumOutput(output, input, context);
      case 'compress':
        return runCompressOutput(output, input, context);
      case 'box':
        return runBoxOutput(output, input, context);
      case 'artifice':
        return runArtificeOutput(output, input, context);
      case 'shell-local':
        return runShellLocalOutput(output, input, context);
    }
  };
}
