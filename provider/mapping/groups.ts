/** Members may do everything: the API server does not look at roles for them. */
export const superusers = "system:masters";

/** The API server adds every user who logs in. */
export const authenticated = "system:authenticated";

export const unauthenticated = "system:unauthenticated";

/** A member that has a node's username is a node. */
export const nodesGroup = "system:nodes";

/** A node in it may ask for its certificate. */
export const bootstrappers = "system:bootstrappers";

/** Only for nodes of Fargate, on which kube-proxy runs as the node. */
export const nodeProxiers = "system:node-proxier";

/** Only for Windows nodes: gives their kube-proxy its rights. */
export const windowsNodes = "eks:kube-proxy-windows";
