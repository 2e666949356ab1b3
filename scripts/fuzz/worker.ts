import { setImmediate } from 'node:timers/promises';
import { caseText } from './cases.ts';
import { judge } from './judge.ts';
import { shrink } from './shrink.ts';
import { targets } from './targets.ts';

/** Cases `from` up to `to` of one target. */
export interface Work {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

export type Told =
  | { readonly kind: 'begin'; readonly number: number }
  | { readonly kind: 'fault'; readonly number: number; readonly fault: string; readonly text: string }
  /** With the number of texts that could be used. */
  | { readonly kind: 'end'; readonly good: number };

const shrinkBudget = 15_000;

/** A process of its own, so that a reader that hangs or dies is seen from outside. */
process.once('message', async (work: Work) => {
  const target = targets.find(({ name }) => name === work.target)!;
  let good = 0;
  for (let number = work.from; number < work.to; number++) {
    await tell({ kind: 'begin', number });
    const text = caseText(target, work.seed, number);
    const { fault, isGood } = await judge(target, text);
    if (isGood) good++;
    if (fault !== undefined) {
      await tell({ kind: 'begin', number });
      const like = kindOf(fault);
      const same = async (one: string) => kindOf((await judge(target, one)).fault ?? '') === like;
      const small = /took more/.test(fault) ? text : await shrink(text, same, shrinkBudget);
      await tell({ kind: 'fault', number, fault, text: small });
    }
    await setImmediate();
  }
  await tell({ kind: 'end', good });
  process.disconnect();
});

/** The fault without what changes when the text shrinks: for what was thrown, where it was. */
function kindOf(fault: string): string {
  const thrown = /^threw (\w+).*?\n\s+at (.*?)$/ms.exec(fault);
  return thrown ? `${thrown[1]} ${thrown[2]}` : fault.replace(/:.*/s, '').replace(/\d+/g, '0');
}

function tell(told: Told): Promise<void> {
  return new Promise((resolve) => process.send!(told, () => resolve()));
}
