/**
 * Where clouds answer questions of their machines: documentation of Amazon EC2 ("Use the Instance Metadata Service"), Azure ("What is IP
 * address 168.63.129.16?"), Alibaba ECS ("View instance metadata"), Oracle's Compute Classic and Compute ("Getting Instance Metadata"), Amazon EKS ("Pod Identity"), Google
 * ("About VM metadata") and Scaleway ("Instance user data").
 */

/** Each address with whose it is; Google, Azure, Oracle and others share the one of most. */
export const METADATA_ADDRESSES = {
  most: "169.254.169.254",
  amazonIpv6: "fd00:ec2::254",
  amazonPods: "fd00:ec2::23",
  azure: "168.63.129.16",
  alibaba: "100.100.100.200",
  oracle: "192.0.0.192",
  oracleIpv6: "fd00:c1::a9fe:a9fe",
  google: "fd20:ce::254",
  scaleway: "fd00:42::42",
} as const;
