import type { ColumnType, Generated } from 'kysely';

/** A `jsonb` column: read as the value, written as text by `json`, since lists would else become arrays of SQL. */
export type Json<T> = ColumnType<T, string, string>;
export type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;

/** A column that the database numbers itself. */
export type Counter = Generated<number>;

/** A value as `jsonb` columns take it. */
export function json(value: unknown): string {
  return JSON.stringify(value);
}
