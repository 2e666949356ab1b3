import { CompiledQuery, type Kysely } from 'kysely';

/** What pg-boss asks of a database. */
export interface BossDatabase {
  executeSql(text: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/**
 * Lets pg-boss work in our database, and, given a transaction, in it: then a run and its job are there together or not
 * at all. pg-boss sends several statements at once where there are no values, which PGlite takes only one by one.
 */
export function bossDatabase<T>(database: Kysely<T>): BossDatabase {
  const one = async (where: Kysely<T>, text: string, values: readonly unknown[]) => {
    const { rows } = await where.executeQuery(CompiledQuery.raw(text, [...values]));
    return { rows: rows as Record<string, unknown>[] };
  };
  return {
    async executeSql(text, values = []) {
      if (values.length > 0) return one(database, text, values);
      const statements = splitStatements(text).filter((part) => !/^(?:begin|commit)$/i.test(part));
      if (statements.length === 1) return one(database, statements[0]!, []);
      const all = async (where: Kysely<T>) => {
        let rows: Record<string, unknown>[] = [];
        for (const statement of statements) {
          const result = await one(where, statement, []);
          if (result.rows.length > 0) rows = result.rows;
        }
        return { rows };
      };
      return database.isTransaction ? all(database) : database.transaction().execute(all);
    },
  };
}

/** Statements of a script. Semicolons in texts and in bodies of functions (`$$`, `$name$`) part nothing. */
export function splitStatements(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  const pattern = /--[^\n]*|'(?:[^']|'')*'|"[^"]*"|(\$\w*\$)[\s\S]*?\1|;|[^'"$;-]+|[\s\S]/g;
  for (const [word] of text.matchAll(pattern)) {
    if (word !== ';') part += word;
    else {
      parts.push(part.trim());
      part = '';
    }
  }
  parts.push(part.trim());
  return parts.filter((one) => one !== '');
}
