/** A principal of a trust policy, which may assume the role. */
export interface TrustedPrincipal {
  /** As in the policy: `*`, an ARN, a service, or a provider of web identities. */
  readonly principal: string;
  /** Why it may be almost anyone, as a clause; absent if it is not. */
  readonly isOpen?: string;
  /** Whether only conditions that outsiders cannot influence restrict it to known callers. */
  readonly hasConditions?: true;
  /** Whether the statement denies it. */
  readonly isDenied?: true;
}
