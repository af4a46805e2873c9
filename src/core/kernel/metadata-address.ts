/**
 * Where clouds answer questions of their machines: documentation of Amazon EC2 ("Use the Instance Metadata Service"), Azure ("What is IP
 * address 168.63.129.16?"), Alibaba ECS ("View instance metadata") and Oracle's Compute Classic.
 */

/** Each address with whose it is; Google, Azure, Oracle and others share the one of most. */
export const METADATA_ADDRESSES = {
  most: "169.254.169.254",
  amazonIpv6: "fd00:ec2::254",
  azure: "168.63.129.16",
  alibaba: "100.100.100.200",
  oracle: "192.0.0.192",
} as const;
