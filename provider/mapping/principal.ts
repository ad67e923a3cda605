/**
 * Names the principal that an ARN stands for: two ARNs are the same principal exactly when their keys are equal. Every comparison of
 * ARNs in this package goes through here.
 *
 * Letter case never counts, as for the authenticator. A role's path does not count either, since AWS reports a role's sessions
 * without it. A user's path counts: AWS reports users with theirs, so an entry needs it to match. Text that is no such ARN, which a
 * live map may hold, is its own lower-cased key.
 *
 * @see https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/arn/arn.go
 */
export function principalKey(arn: string): string {
  return arn.toLowerCase().replace(rolePath, "$1");
}

const rolePath = /^(arn:[^:/]*:iam::[^:/]*:role\/).*\/(?=[^/]+$)/s;
