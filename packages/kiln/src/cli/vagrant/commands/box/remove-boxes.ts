import { boxUsers } from '../../../../store/boxes/box-users.ts';
import { deleteBoxes } from '../../../../store/boxes/change-boxes.ts';
import type { StoredBox } from '../../../../store/boxes/stored-boxes.ts';
import { Run } from '../../../../store/run.ts';
import { askYesNo } from '../../ask.ts';
import type { Session } from '../../session.ts';

export interface RemovalOptions {
  /** Nothing is asked. */
  readonly force: boolean;
  /** Boxes that machines of Vagrant stand on are kept in any case. */
  readonly keepUsed?: boolean;
}

/** Removes boxes, of those in use only what the person agrees to. */
export async function removeBoxes(
  session: Session,
  boxes: readonly StoredBox[],
  { force, keepUsed }: RemovalOptions,
): Promise<void> {
  const agreed: StoredBox[] = [];
  for (const box of boxes) {
    const users = await boxUsers(session.vagrantHome, box);
    if (users.length > 0) {
      if (keepUsed) continue;
      const machines = users.map(({ name, id }) => `${name} (ID: ${id})`).join(', ');
      const question = `${labelOf(box)} is used by ${machines}. Remove it all the same? [y/N] `;
      if (!force && !(await askYesNo(session, question))) continue;
    }
    agreed.push(box);
  }
  if (agreed.length === 0) return;
  for (const box of agreed) session.ui.info(`Removing ${labelOf(box)}...`);
  const run = await Run.open(session.home);
  try {
    await deleteBoxes(session.vagrantHome, agreed, run);
  } finally {
    await run.close();
  }
}

export function labelOf({ name, version, provider }: StoredBox): string {
  return `box '${name}' (v${version}) with provider '${provider}'`;
}
