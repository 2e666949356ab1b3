import type { KilnEvent } from '../../base/events.ts';
import { cleanLine } from '../render/clean-line.ts';
import type { Renderer } from '../render/renderer.ts';
import type { VagrantUi } from './vagrant-ui.ts';

/** Draws what happens to machines in Vagrant's form: `==> web: …`, and what they print below it. */
export function vagrantRenderer(ui: VagrantUi): Renderer {
  let isOpen = true;
  const shares = new Map<string, number>();
  const of = (machine: string | undefined) => (machine === undefined ? ui : ui.of(machine));
  const draw = (event: KilnEvent) => {
    switch (event.kind) {
      case 'message':
        if (event.level === 'info') of(event.build).output(event.text);
        else of(event.build)[event.level === 'warning' ? 'warn' : 'error'](event.text);
        return;
      case 'output':
        of(event.build).detail(cleanLine(event.line));
        return;
      case 'stage-started':
        of(event.build).output(event.stage);
        return;
      case 'progress': {
        if (event.total === undefined || event.total === 0) return;
        // A line for each quarter: terminals and logs alike can do with that.
        const share = Math.floor((event.done / event.total) * 4);
        const key = `${event.build ?? ''} ${event.label}`;
        if (share <= (shares.get(key) ?? 0)) return;
        shares.set(key, share);
        of(event.build).detail(`${event.label}: ${share * 25} %`);
        return;
      }
    }
  };
  return {
    event: (event) => {
      if (isOpen) draw(event);
    },
    note: (text) => ui.info(text),
    pause: () => () => {},
    close: () => {
      isOpen = false;
    },
  };
}
