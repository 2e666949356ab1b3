import type { InventoryCronJob } from './inventory.ts';
import type { SettingFiles } from './setting-files.ts';
import type { Survey } from './survey.ts';
import { plainLines, textOf } from './text-lines.ts';

const own = /^(@\w+|(?:\S+\s+){4}\S+)\s+(.+)$/;
const system = /^(@\w+|(?:\S+\s+){4}\S+)\s+(\S+)\s+(.+)$/;
const variable = /^[A-Za-z_]\w*\s*=/;

/** Jobs of /etc/cron.d, /etc/crontab and users' own tables (crontab(5)) that no package brought. */
export function readCronJobs(survey: Survey, sources: SettingFiles): InventoryCronJob[] {
  const files = ['/etc/crontab', ...sources.in('/etc/cron.d', '')];
  const jobs = files.flatMap((file) => {
    const lines = sources.lines(file);
    if (!lines) return [];
    const found = lines.flatMap((line) => {
      const match = variable.test(line) ? null : system.exec(line);
      return match ? [{ file, schedule: oneSpace(match[1]!), user: match[2]!, command: match[3]! }] : [];
    });
    // A job is a file: of others in the folder it need not know.
    if (found.length === lines.length && lines.length > 0) sources.took('cron', file, true);
    return found;
  });
  return [...jobs, ...usersJobs(survey)];
}

function usersJobs(survey: Survey): InventoryCronJob[] {
  const jobs: InventoryCronJob[] = [];
  for (const path of survey.contents.keys()) {
    const match = /^\/var\/spool\/cron\/(?:crontabs\/)?([^/]+)$/.exec(path);
    if (!match) continue;
    for (const line of plainLines(textOf(survey, path))) {
      const job = variable.test(line) ? null : own.exec(line);
      if (job) jobs.push({ file: path, schedule: oneSpace(job[1]!), user: match[1]!, command: job[2]! });
    }
  }
  return jobs;
}

function oneSpace(text: string): string {
  return text.replace(/\s+/g, ' ');
}
