/** Names of network interfaces. Facts: ifname_valid_full() in systemd's src/basic/socket-util.c, alternative names included. */

/** Whether systemd takes it for the name of an interface. */
export function isInterfaceName(word: string): boolean {
  return /^(?!(?:all|default|\.{1,2}|\d+|0[xX][\da-fA-F]+)$)[!-~]{1,127}$/.test(word) && !/[:/%]/.test(word);
}
