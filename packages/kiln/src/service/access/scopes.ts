/** The scope of everything. */
export const everything = '/';

/** ARM ids are compared without regard to case, and without a slash at the end. */
export function scopeKey(armId: string): string {
  const key = armId.toLowerCase().replace(/\/+$/, '');
  return key === '' ? everything : key;
}

/** Whether a resource is what a scope names, or lies below it. Both may be in any case. */
export function isWithin(resource: string, scope: string): boolean {
  const [inner, outer] = [scopeKey(resource), scopeKey(scope)];
  return outer === everything || inner === outer || inner.startsWith(`${outer}/`);
}
