/**
 * Has a machine that copies begin with read what setting up networks and folders takes: the kernel's NFS client, and the
 * programs. In a copy they are in memory then, where loading them would take a second or two. Nothing of it changes the
 * machine, and nothing of it has to be there.
 */
export const rehearsal = `
modprobe -aq nfs nfsv3
ip -o link
mount --version
umount --version
mv --version
find /etc/hosts -printf ''
tar --version
networkctl --version
networkctl reload
true
`;
