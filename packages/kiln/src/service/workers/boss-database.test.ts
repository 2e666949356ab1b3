import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitStatements } from './boss-database.ts';

test('scripts are parted at semicolons outside of texts, names, comments and bodies of functions', () => {
  const script = `
    BEGIN;
    SELECT 'a;''b;' AS "x;y"; -- not; here
    CREATE FUNCTION f() RETURNS int AS $body$ BEGIN RETURN 1; END $body$ LANGUAGE plpgsql;
    CREATE FUNCTION g() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql;
    SELECT 2 - 1`;
  const parts = splitStatements(script);
  assert.equal(parts.length, 5);
  assert.equal(parts[0], 'BEGIN');
  assert.equal(parts[1], `SELECT 'a;''b;' AS "x;y"`);
  assert.match(parts[2]!, /RETURN 1; END \$body\$ LANGUAGE plpgsql$/);
  assert.match(parts[3]!, /SELECT 1; \$\$ LANGUAGE sql$/);
  assert.equal(parts[4], 'SELECT 2 - 1');
});
