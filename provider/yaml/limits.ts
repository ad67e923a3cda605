/**
 * How large a text may be that is read as a whole, in bytes: a manifest, a kubeconfig, a ClusterConfig. A ConfigMap holds 1 MiB, and
 * a kubeconfig of a thousand clusters is no larger; a reader of YAML takes up to a thousand times as much memory as its text.
 */
export const maxTextBytes = 4 * 1024 * 1024;
