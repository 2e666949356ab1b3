import type { Provisioner } from '../../plan/provisioner.ts';

/**
 * Provisioners in the order in which they run, by Vagrant's rules
 * (https://developer.hashicorp.com/vagrant/docs/provisioning/basic_usage#dependency-provisioners): those that depend on
 * one by its name stand right beside it; those for `each` one stand around all of these, several times; those for `all`
 * at the ends. A name that nobody has is that of one that is not there: what depends on it is left at the end.
 */
export function orderProvisioners(provisioners: readonly Provisioner[]): readonly Provisioner[] {
  const isFree = ({ before, after }: Provisioner) => before === undefined && after === undefined;
  if (provisioners.every(isFree)) return provisioners;
  const isFor = (word: string) => (one: Provisioner) => one.before === word || one.after === word;
  const [each, all] = [provisioners.filter(isFor('each')), provisioners.filter(isFor('all'))];
  const order = provisioners.filter(isFree);
  for (const one of provisioners) {
    const target = one.before ?? one.after;
    if (target === undefined || target === 'each' || target === 'all') continue;
    const index = order.findIndex(({ name }) => name === target);
    if (index < 0) order.push(one);
    else order.splice(one.before === undefined ? index + 1 : index, 0, one);
  }
  const first = ({ before }: Provisioner) => before !== undefined;
  const last = ({ before }: Provisioner) => before === undefined;
  // Of several after all, and of several around each, Vagrant runs the one that stands last first.
  const [eachReversed, allReversed] = [each.toReversed(), all.toReversed()];
  return [
    ...all.filter(first),
    ...order.flatMap((one) => [...eachReversed.filter(first), one, ...eachReversed.filter(last)]),
    ...allReversed.filter(last),
  ];
}
