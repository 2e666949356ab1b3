/** What two runs of the very same build always leave different: logs, times, random seeds, leases, caches of apt. */
export const unequalByNature =
  /^\/(var\/log|var\/lib\/systemd|var\/cache|var\/lib\/apt|var\/tmp|tmp|run|lost\+found|etc\/(machine-id|resolv\.conf|ssh\/ssh_host_.*)|var\/lib\/dbus|var\/lib\/kiln|var\/lib\/dpkg\/lock.*)(\/|$)/;
