/** An IAM role or user, and the Kubernetes user and groups that it becomes. */
export interface ArnMapping {
  readonly kind: "role" | "user";
  /** ARN of the role or user, without a path. */
  readonly arn: string;
  /** Kubernetes username; absent and empty mean the same to the authenticator. */
  readonly username?: string;
  /** Kubernetes groups; a set, kept in the order given. */
  readonly groups: readonly string[];
}

/** An AWS account, each of whose identities gets its own ARN as username, and no groups. */
export interface AccountMapping {
  readonly kind: "account";
  /** 12 digits. */
  readonly account: string;
}

/** What one entry of aws-auth says. */
export type Mapping = ArnMapping | AccountMapping;
