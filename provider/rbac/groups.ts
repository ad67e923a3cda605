/** Members may do everything: the API server does not look at roles for them. */
export const superusers = "system:masters";

/** Every authenticated user is a member: the API server adds it to whoever logs in. */
export const authenticated = "system:authenticated";

export const unauthenticated = "system:unauthenticated";

/** Whoever has a node's username too is a node to the API server. */
export const nodesGroup = "system:nodes";

/** With it, a node asks for its certificate. */
export const bootstrappers = "system:bootstrappers";

/** Of Fargate's nodes, on which kube-proxy runs as the node. */
export const nodeProxiers = "system:node-proxier";

/** Of Windows nodes alone: it gives their kube-proxy its rights. */
export const windowsNodes = "eks:kube-proxy-windows";
