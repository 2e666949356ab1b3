import { homedir } from 'node:os';
import { join } from 'node:path';

/** The store that tests with machines share, so that the base image is made once a host and not once a checkout. */
export function testHome(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return process.env.KILN_TEST_HOME ?? join(cache, 'kiln', 'test');
}
