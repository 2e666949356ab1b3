/** Kiln's version. The release script keeps it equal to packages/kiln/package.json; a test holds that. */
export const kilnVersion = '0.1.0';
