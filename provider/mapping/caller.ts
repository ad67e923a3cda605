/** An IAM identity, and who a cluster takes it for. */
export interface Caller {
  /** ARN of the role, user or session. */
  readonly arn: string;
  /** The Kubernetes user that it became at login. */
  readonly username: string;
}
