/*
 * Files in the places of configuration that say nothing about what a machine is for: what makes it one particular
 * machine, what programs leave behind, and earlier versions of files.
 */
const patterns = [
  /^\/etc\/(?:machine-id|\.pwd\.lock|hostid)$/,
  /^\/etc\/ssh\/ssh_host_/,
  /^\/etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-$/,
  /^\/etc\/resolv\.conf\./,
  /^\/etc\/\.resolv\.conf\./,
  /^\/etc\/(?:dropbear)\/dropbear_\w+_host_key$/,
  /^\/etc\/(?:NetworkManager\/system-connections)\/\.[^/]+$/,
  /\.(?:dpkg|ucf)-(?:old|dist|new|tmp|bak|backup|remove)$/,
  /\.(?:rpmsave|rpmorig|rpmnew|apk-new)$/,
  /(?:~|\.swp|\.swo)$/,
  /^\/usr\/local\/lib\/python[\d.]+\/(?:dist|site)-packages\/.*\.pyc$/,
  /\/__pycache__(?:\/|$)/,
];

/** In home folders: histories, caches, and what programs remember of their last run. */
const inHomes = [
  /\/\.[a-z_]*history$/,
  /\/\.(?:lesshst|viminfo|wget-hsts|sudo_as_admin_successful|Xauthority|ICEauthority|rnd|motd_shown|selected_editor)$/,
  /\/\.(?:cache|dbus|gvfs|local|npm|cargo|rustup|java|mozilla|thumbnails|debug|pki|ansible|vscode-server|cursor-server)(?:\/|$)/,
  /\/\.xsession-errors/,
  /\/\.zcompdump/,
  /\/\.ssh\/(?:known_hosts(?:\.old)?|agent)$/,
  /\/\.config\/(?:systemd\/user\/[^/]+\.wants|dconf|pulse|procps|htop|configstore|google-chrome|chromium)(?:\/|$)/,
];

/** Whether a file in a place of configuration means nothing. */
export function isVolatileFile(path: string): boolean {
  if (patterns.some((pattern) => pattern.test(path))) return true;
  return /^\/(?:root|home\/[^/]+)\//.test(path) && inHomes.some((pattern) => pattern.test(path));
}
