import { createHash } from 'node:crypto';
import { deepFreeze } from '../plan/freeze.ts';
import type { Build, Plan } from '../plan/plan.ts';
import type { ScriptDownload } from '../plan/script-download.ts';
import type { Step } from '../plan/step.ts';
import { downloadScript } from '../steps/download-script.ts';
import type { CliContext } from './context.ts';
import { withProgress } from './with-progress.ts';

/**
 * The plan with a digest for every script and file that its steps download: what is there now. Then states that earlier
 * builds have kept can be told to fit, and what is run is what was planned.
 * @throws KilnError `download-failed`, `unsupported`, `cancelled`
 */
export async function pinDownloads(plan: Plan, context: CliContext): Promise<Plan> {
  const open = plan.builds.flatMap(({ steps }) => steps.flatMap((step) => openDownload(step) ?? []));
  if (open.length === 0) return plan;
  const digests = await withProgress(context, async ({ signal }) => {
    const found = new Map<string, string>();
    for (const { url } of open) {
      if (found.has(url)) continue;
      const { bytes } = await downloadScript({ url, digests: [] }, signal);
      found.set(url, createHash('sha256').update(bytes).digest('hex'));
    }
    return found;
  });
  const pinned = (step: Step): Step => {
    const hex = digests.get(openDownload(step)?.url ?? '');
    if (hex === undefined || !('download' in step) || !step.download) return step;
    return { ...step, download: { ...step.download, digests: [{ algorithm: 'sha256', hex }] } };
  };
  const builds = plan.builds.map((build): Build => ({ ...build, steps: build.steps.map(pinned) }));
  return deepFreeze({ ...plan, builds });
}

function openDownload(step: Step): ScriptDownload | undefined {
  if (!('download' in step) || !step.download) return undefined;
  return step.download.digests.length === 0 ? step.download : undefined;
}
