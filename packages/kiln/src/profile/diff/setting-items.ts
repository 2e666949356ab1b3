import type { InventorySettings } from '../inventory/inventory.ts';
import type { StateItem } from './system-state.ts';
import { localeText, timezoneText } from './value-texts.ts';

/** Settings one by one, so that each is told of by its name. */
export function settingItems(settings: InventorySettings): Map<string, StateItem> {
  const items = new Map<string, StateItem>();
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') items.set(name, { values: { value } });
  };
  // The host name tells machines apart.
  if (settings.hostname !== undefined)
    items.set('hostname', { values: { value: settings.hostname }, identity: true });
  set('timezone', settings.timezone && timezoneText(settings.timezone));
  set('locale', settings.locale && localeText(settings.locale));
  for (const locale of settings.locales) set(`locale ${localeText(locale)}`, 'generated');
  const { keyboard, dns } = settings;
  set(
    'keyboard',
    keyboard && [keyboard.layout, keyboard.variant, keyboard.model].filter((one) => one).join(' '),
  );
  for (const [key, value] of Object.entries(settings.sysctl)) set(`sysctl ${key}`, value);
  for (const name of settings.modules.load) set(`module ${name}`, 'loaded at start');
  for (const name of settings.modules.blacklist) set(`module ${name}`, 'blacklisted');
  for (const { domain, type, item, value } of settings.limits) set(`limit ${domain} ${type} ${item}`, value);
  for (const [key, value] of Object.entries(settings.environment)) set(`environment ${key}`, value);
  for (const [address, names] of Object.entries(settings.hosts))
    set(`host ${address}`, [...names].sort().join(' '));
  set('dns servers', dns?.servers.join(' '));
  set('dns search', dns?.search.join(' '));
  for (const { schedule, user, command } of settings.cron) set(`cron ${user}: ${command}`, schedule);
  for (const { path, size } of settings.swap)
    set(`swap ${path}`, size === undefined ? 'in fstab' : `${size} bytes`);
  return items;
}
