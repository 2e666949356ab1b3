export type * from '../plan/profile.ts';
