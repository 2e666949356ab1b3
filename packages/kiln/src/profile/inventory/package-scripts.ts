import type { Survey } from './survey.ts';
import { searchNames } from './survey-query.ts';

/** What the scripts that packages bring say of users and files; only of installed packages that have scripts (dpkg). */
export interface PackageScripts {
  /** Whether some script that makes users or groups names this one. */
  makesAccount(name: string): boolean;
  /** Whether a script makes this user a member of that group. */
  joins(user: string, group: string): boolean;
  /** Whether a script names this very path. */
  names(path: string): boolean;
  /** Links that scripts make, by their paths, and where they lead to; only those that stand there word for word. */
  readonly links: ReadonlyMap<string, string>;
}

export function readPackageScripts(survey: Survey): PackageScripts {
  const lines = (survey.matches.get(searchNames.scripts) ?? []).map((match) => match.line);
  const commands = accountCommands(survey);
  const accounts = new Set(commands.flat());
  const paths = new Set(lines.flatMap((line) => line.match(/\/[\w.@+-]+(?:\/[\w.@+-]+)*/g) ?? []));
  return {
    makesAccount: (name) => accounts.has(name),
    joins: (user, group) => commands.some((words) => words.includes(user) && words.includes(group)),
    names: (path) => paths.has(path),
    links: linksOf(lines),
  };
}

/**
 * The words of commands that make users and groups, with lines that end in a backslash joined, and with what simple
 * variables of the same script stand for.
 */
function accountCommands(survey: Survey): string[][] {
  const scripts = Map.groupBy(survey.matches.get(searchNames.accounts) ?? [], (match) => match.path);
  const commands: string[][] = [];
  for (const matches of scripts.values()) {
    const text = matches
      .map((match) => match.line)
      .join('\n')
      .replaceAll('\\\n', ' ');
    const variables = new Map<string, string>();
    for (const [, name, value] of text.matchAll(/^\s*(\w+)=["']?([\w.-]+)["']?\s*$/gm))
      variables.set(name!, value!);
    for (const line of text.split('\n')) {
      if (!/adduser|useradd|addgroup|groupadd|usermod|gpasswd/.test(line) || /^\s*#/.test(line)) continue;
      commands.push(
        wordsOf(line.replace(/\$\{?(\w+)\}?/g, (all, name: string) => variables.get(name) ?? all)),
      );
    }
  }
  return commands;
}

function wordsOf(line: string): string[] {
  return line.split(/[\s"'`;|&()<>=]+/).filter((word) => word !== '');
}

/** `ln -s TARGET PATH` with a path that is no variable. */
function linksOf(lines: readonly string[]): Map<string, string> {
  const links = new Map<string, string>();
  for (const line of lines) {
    const match =
      /\bln\s+(?:-[a-zA-Z]+\s+)*-?[a-zA-Z]*s[a-zA-Z]*\s+(?:--\s+)?["']?([\w./@+-]+)["']?\s+["']?(\/[\w./@+-]+)["']?\s*(?:[;|&]|$)/.exec(
        line,
      );
    if (match && !match[2]!.endsWith('/')) links.set(match[2]!, match[1]!);
  }
  return links;
}
